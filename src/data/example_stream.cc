// The examples of a file, some at a time.
#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/file.h"
#include "data/idx.h"
#include "data/prepared.h"
#include "kernels/gather.h"
#include "ravine/error.h"

namespace ravine {
namespace {

// The first `count` rows of `all`, [n, ...].
Tensor first_rows(const Tensor& all, int64_t count) {
  std::vector<int64_t> dims = all.shape().vector();
  if (count == dims[0]) return all;
  const size_t width = size_t(all.size() / dims[0]);
  dims[0] = count;
  return Tensor::from(std::span<const float>(all.values<float>()).first(size_t(count) * width),
                      Shape(std::span<const int64_t>(dims)));
}

// Images of an IDX file, divided by 255 as a Dataset does.
class Images {
 public:
  explicit Images(const std::filesystem::path& path)
      : name_(path_text(path)), bytes_(path), shape_(read_idx_header(bytes_, name_)) {
    left_ = shape_[0];
  }

  Tensor next(int64_t count) {
    count = std::min(count, left_);
    if (count == 0) {
      check_end();
      return {};
    }
    std::vector<int64_t> dims = shape_.vector();
    dims[0] = count;
    const Shape batch{std::span<const int64_t>(dims)};
    pixels_.resize(size_t(batch.size()));
    read_idx_values(bytes_, name_, pixels_);
    left_ -= count;
    Tensor result = Tensor::empty(batch);
    bytes_to_unit(pixels_.data(), result.values<float>().data(), pixels_.size());
    return result;
  }

 private:
  void check_end() {
    uint8_t extra;
    if (bytes_.read(&extra, 1) != 0) {
      throw Error(fmt::format("{}: expected {} images, found more after them", name_, shape_[0]));
    }
  }

  std::string name_;
  ByteReader bytes_;
  Shape shape_;
  int64_t left_ = 0;
  std::vector<uint8_t> pixels_;
};

}  // namespace

struct ExampleStream::Body {
  std::shared_ptr<const Preparation> preparation;
  std::optional<PreparedRows> rows;
  std::optional<Images> images;
};

ExampleStream::ExampleStream(const std::filesystem::path& path,
                             std::shared_ptr<const Preparation> preparation,
                             const TableOptions& options)
    : body_(new Body{.preparation = std::move(preparation)}) {
  if (body_->preparation) {
    body_->rows.emplace(path, *body_->preparation, options, false);
  } else {
    body_->images.emplace(path);
  }
}

ExampleStream::~ExampleStream() = default;
ExampleStream::ExampleStream(ExampleStream&&) noexcept = default;
ExampleStream& ExampleStream::operator=(ExampleStream&&) noexcept = default;

Tensor ExampleStream::next(int64_t count) {
  if (body_->images) return body_->images->next(count);
  const int64_t width = body_->preparation->inputs();
  Tensor inputs = Tensor::empty({count, width});
  float* const values = inputs.values<float>().data();
  int64_t rows = 0;
  while (rows < count && body_->rows->next(values + rows * width, nullptr)) ++rows;
  return rows == 0 ? Tensor() : first_rows(inputs, rows);
}

}  // namespace ravine
