// The rules: RMSprop and the rest of the field.
#pragma once
#include <limits>
