#include "optim/stored.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "optim/codec.h"
#include "ravine/error.h"

namespace ravine {
namespace {

const std::vector<std::string>& words() {
  static const std::vector<std::string> list = {"same", "float32", "bfloat16", "8bit"};
  return list;
}

Store store_of(std::string_view owner, std::string_view word, DType dtype) {
  if (word == "same") return dtype == DType::kFloat64 ? Store::kFloat64 : Store::kFloat32;
  if (word == "float32") return Store::kFloat32;
  if (word == "bfloat16") return Store::kBFloat16;
  if (word == "8bit") return Store::kEightBit;
  throw UsageError(
      fmt::format("{}: storage: one of {}, got '{}'{}; or of each slot: "
                  "square_avg:8bit+velocity:bfloat16",
                  owner, join(words(), ", "), word, suggestion(word, words())));
}

void load_float32(const Stored& from, size_t begin, size_t n, float* to) {
  const Codecs& codec = codecs();
  switch (from.store) {
    case Store::kFloat32:
      std::copy_n(from.at<float>(begin), n, to);
      break;
    case Store::kFloat64:
      std::copy_n(from.at<double>(begin), n, to);
      break;
    case Store::kBFloat16:
      codec.from_bfloat16(from.at<uint16_t>(begin), to, n);
      break;
    case Store::kCorrected:
      codec.join(from.at<uint16_t>(begin), from.beside + begin, to, n);
      break;
    case Store::kEightBit:
      for (size_t i = 0; i < n; i += Stored::kBlock) {
        codec.from_8bit(from.at<uint8_t>(begin + i), from.beside[(begin + i) / Stored::kBlock],
                        from.nonnegative, to + i, std::min(Stored::kBlock, n - i));
      }
      break;
  }
}

void store_float32(const float* from, size_t begin, size_t n, const uint16_t* random,
                   const Stored& to) {
  const Codecs& codec = codecs();
  switch (to.store) {
    case Store::kFloat32:
      std::copy_n(from, n, to.at<float>(begin));
      break;
    case Store::kFloat64:
      std::copy_n(from, n, to.at<double>(begin));
      break;
    case Store::kBFloat16:
      codec.to_bfloat16(from, random, to.at<uint16_t>(begin), n);
      break;
    case Store::kCorrected:
      codec.split(from, to.at<uint16_t>(begin), to.beside + begin, n);
      break;
    case Store::kEightBit:
      for (size_t i = 0; i < n; i += Stored::kBlock) {
        codec.to_8bit(from + i, random ? random + i : nullptr, to.nonnegative,
                      to.at<uint8_t>(begin + i), &to.beside[(begin + i) / Stored::kBlock],
                      std::min(Stored::kBlock, n - i));
      }
      break;
  }
}

}  // namespace

Store store_of(DType dtype) {
  switch (dtype) {
    case DType::kFloat64:
      return Store::kFloat64;
    case DType::kBFloat16:
      return Store::kBFloat16;
    default:
      return Store::kFloat32;
  }
}

DType dtype_of(Store store) {
  constexpr std::array kTypes = {DType::kFloat32, DType::kFloat64, DType::kBFloat16,
                                 DType::kBFloat16, DType::kUint8};
  return kTypes[size_t(store)];
}

std::vector<Store> slot_stores(std::string_view owner, std::string_view storage,
                               std::span<const Slot> slots, DType dtype) {
  if (storage.find(':') == storage.npos) {
    return std::vector<Store>(slots.size(), store_of(owner, storage, dtype));
  }
  std::vector<Store> stores(slots.size(), store_of(owner, "same", dtype));
  std::vector<std::string> names;
  for (const Slot& slot : slots) names.emplace_back(slot.name);
  for (std::string_view part : split(storage, '+')) {
    const size_t colon = part.find(':');
    const std::string_view name = trim(part.substr(0, colon));
    const auto slot = std::ranges::find(names, name);
    if (colon == part.npos || slot == names.end()) {
      throw UsageError(fmt::format("{}: storage: there is no slot '{}'{} (it has {})", owner, name,
                                   suggestion(name, names),
                                   names.empty() ? "none" : join(names, ", ")));
    }
    stores[size_t(slot - names.begin())] = store_of(owner, trim(part.substr(colon + 1)), dtype);
  }
  return stores;
}

template <class T>
void load(const Stored& from, size_t begin, size_t n, T* to) {
  if constexpr (sizeof(T) == 4) {
    load_float32(from, begin, n, to);
  } else {
    if (from.store == Store::kFloat64) {
      std::copy_n(from.at<double>(begin), n, to);
      return;
    }
    alignas(64) float part[kStoredChunk];
    for (size_t i = 0; i < n; i += kStoredChunk) {
      const size_t count = std::min(kStoredChunk, n - i);
      load_float32(from, begin + i, count, part);
      std::copy_n(part, count, to + i);
    }
  }
}

template <class T>
void store(const T* from, size_t begin, size_t n, const uint16_t* random, const Stored& to) {
  if constexpr (sizeof(T) == 8) {
    if (to.store == Store::kFloat64) {
      std::copy_n(from, n, to.at<double>(begin));
      return;
    }
  }
  alignas(64) float part[kStoredChunk];
  for (size_t i = 0; i < n; i += kStoredChunk) {
    const size_t count = std::min(kStoredChunk, n - i);
    const float* values;
    if constexpr (sizeof(T) == 4) {
      values = from + i;
    } else {
      std::copy_n(from + i, count, part);
      values = part;
    }
    store_float32(values, begin + i, count, random != nullptr ? random + i : nullptr, to);
  }
}

template void load(const Stored&, size_t, size_t, float*);
template void load(const Stored&, size_t, size_t, double*);
template void store(const float*, size_t, size_t, const uint16_t*, const Stored&);
template void store(const double*, size_t, size_t, const uint16_t*, const Stored&);

void fill(const Stored& to, size_t size, double value) {
  std::array<double, kStoredChunk> values;
  values.fill(value);
  for (size_t at = 0; at < size; at += kStoredChunk) {
    store(values.data(), at, std::min(kStoredChunk, size - at), nullptr, to);
  }
}

}  // namespace ravine
