// Setting, checking and printing options by name: part of the public header.
#pragma once
#include "ravine/option.h"
