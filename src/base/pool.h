// Memory that is reused: after the first step a training step takes none from the system.
#pragma once
#include <cstddef>
#include <memory>

namespace ravine {

// At least `bytes` bytes, aligned to 64; from 2 MiB on aligned to that and asked to be huge pages.
// Throws Error when the system has no more. release() keeps the memory for the next call of a like
// size. Any thread may call.
void* acquire(size_t bytes);
void release(void* memory, size_t bytes) noexcept;

size_t pool_bytes();  // taken from the system so far

// For std::allocate_shared and containers.
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(acquire(n * sizeof(T))); }
  void deallocate(T* memory, size_t n) noexcept { release(memory, n * sizeof(T)); }
  friend bool operator==(const PoolAllocator&, const PoolAllocator&) { return true; }
};

// `size` elements, not initialised. Movable.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(size_t size)
      : memory_(static_cast<T*>(acquire(size * sizeof(T))), Release{size}) {}
  T* data() const { return memory_.get(); }
  size_t size() const { return memory_.get_deleter().size; }
  T& operator[](size_t i) const { return memory_.get()[i]; }
  T* begin() const { return data(); }
  T* end() const { return data() + size(); }

 private:
  struct Release {
    size_t size = 0;
    void operator()(T* memory) const noexcept { release(memory, size * sizeof(T)); }
  };
  std::unique_ptr<T, Release> memory_;
};

}  // namespace ravine
