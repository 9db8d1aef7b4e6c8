// How a parameter, a gradient or a slot lies in memory, and the way to the arithmetic and back.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/optimizer.h"

namespace ravine {

enum class Store : uint8_t { kFloat32, kFloat64, kBFloat16, kCorrected, kEightBit };

Store store_of(DType dtype);  // of a parameter or gradient
DType dtype_of(Store store);  // of the elements in memory

// How each slot of a parameter of that type is stored: `storage` is the engine's option. Throws
// UsageError on a word or a slot that there is not.
std::vector<Store> slot_stores(std::string_view owner, std::string_view storage,
                               std::span<const Slot> slots, DType dtype);

// One buffer of a target.
struct Stored {
  static constexpr size_t kBlock = 256;  // of 8 bit: elements with one base

  Store store = Store::kFloat32;
  bool nonnegative = false;   // no element is below 0
  void* data = nullptr;       // nullptr: unused
  int16_t* beside = nullptr;  // kCorrected: the lower halves; kEightBit: a base for each block

  explicit operator bool() const { return data != nullptr; }
  template <class T>
  bool is() const {  // its elements are the arithmetic's own
    return store == (sizeof(T) == 4 ? Store::kFloat32 : Store::kFloat64);
  }
  bool rounds() const { return store == Store::kBFloat16 || store == Store::kEightBit; }
  template <class T>
  T* at(size_t begin) const {
    return static_cast<T*>(data) + begin;
  }
};

inline constexpr size_t kStoredChunk = 1024;  // elements at a time: they stay in L1

// Elements [begin, begin + n), begin a multiple of kStoredChunk. `random` holds 16 bits for each;
// nullptr rounds to nearest.
template <class T>
void load(const Stored& from, size_t begin, size_t n, T* to);
template <class T>
void store(const T* from, size_t begin, size_t n, const uint16_t* random, const Stored& to);
// All of it, with one value.
void fill(const Stored& to, size_t size, double value);

}  // namespace ravine
