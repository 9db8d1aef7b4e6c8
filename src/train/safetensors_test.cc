#include "ravine/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ravine/error.h"
#include "train/testing.h"

namespace ravine {
namespace {

using testing::contents;
using testing::expect_error;
using testing::put;
using testing::TempFolder;

std::string with_header(std::string_view header, std::string_view data = "") {
  const uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + std::string(header) + std::string(data);
}

TensorFile some_tensors() {
  TensorFile file;
  file.tensors.emplace_back("a", Tensor::from({1.5f, -0.0f, INFINITY}, {3}));
  file.tensors.emplace_back("b.weight",
                            Tensor::from(std::vector<double>{1, 2, 0.1, 4, 5, 6}, {2, 3}));
  file.tensors.emplace_back("count", Tensor::from(std::vector<int32_t>{-7}, {}));
  file.tensors.emplace_back("none", Tensor::empty({0, 4}));
  file.metadata = {{"format", "pt"}, {"note", "a \"quoted\" ü"}};
  return file;
}

TEST(Safetensors, AreReadBackBitForBit) {
  const TempFolder folder;
  const TensorFile file = some_tensors();
  write_safetensors(folder.path / "x", file);
  const TensorFile back = read_safetensors(folder.path / "x");
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    const auto found = std::ranges::find(back.tensors, name, [](auto& t) { return t.first; });
    ASSERT_NE(found, back.tensors.end()) << name;
    EXPECT_EQ(found->second.dtype(), tensor.dtype());
    EXPECT_EQ(found->second.shape(), tensor.shape()) << name;
    EXPECT_EQ(found->second.to_vector(), tensor.to_vector()) << name;
  }
  EXPECT_TRUE(std::signbit(back.tensors[1].second.values<float>()[1]));
}

TEST(Safetensors, HaveExactlyThePublishedLayout) {
  const TempFolder folder;
  TensorFile file;
  file.tensors.emplace_back("f", Tensor::from({1.0f}, {1}));
  file.tensors.emplace_back("d", Tensor::from(std::vector<double>{2.0}, {1, 1}));
  write_safetensors(folder.path / "x", file);
  std::string header = R"({"d":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},)"
                       R"("f":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::string data("\0\0\0\0\0\0\0\x40\0\0\x80\x3f", 12);
  EXPECT_EQ(contents(folder.path / "x"), with_header(header, data));
}

struct Malformed {
  const char* header;
  const char* data;
  const char* complaint;
};

TEST(Safetensors, RefuseWhatIsNotWellFormed) {
  constexpr Malformed kCases[] = {
      {"", "", "no JSON"},
      {"[]", "", "no JSON object"},
      {"{", "", "no JSON"},
      {R"({"a":1})", "", "needs dtype"},
      {R"({"a":{"dtype":"F32","shape":[1]}})", "1234", "needs dtype"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":0}})", "1234", "alone"},
      {R"({"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}})", "1234", "needs dtype"},
      {R"({"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})", "1234", "dtype BF16"},
      {R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", "1234", "no list"},
      {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "1234", "whole numbers"},
      {R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", "1234", "whole numbers"},
      {R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1],"data_offsets":[0,4]}})", "1234",
       "7 dimensions"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", "1234", "outside"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "1234", "outside"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "1234", "outside"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "1234", "needs 8"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})", "1234",
       "too large"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967297],"data_offsets":[0,4]}})", "1234",
       "too large"},
      {R"({"a":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]}})", "",
       "too large"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "12345678", "not at 0"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "12345678", "fill 4 of 8"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
           "b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       "1234", "begins at byte 0"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
           "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       "1234", "twice"},
      {R"({"__metadata__":[]})", "", "no object"},
      {R"({"__metadata__":{"a":1}})", "", "no text"},
      {R"({"a":[[[[[[[[]]]]]]]]})", "", "deep"},
  };
  const TempFolder folder;
  for (const Malformed& c : kCases) {
    SCOPED_TRACE(c.header);
    put(folder.path / "bad", with_header(c.header, c.data));
    expect_error<Error>([&] { read_safetensors(folder.path / "bad"); }, {"bad", c.complaint});
  }
  put(folder.path / "bad", "1234567");
  expect_error<Error>([&] { read_safetensors(folder.path / "bad"); }, {"7 bytes"});
  put(folder.path / "bad", std::string(8, '\xff') + "{}");
  expect_error<Error>([&] { read_safetensors(folder.path / "bad"); },
                      {"header of 18446744073709551615 bytes"});
  expect_error<Error>([&] { read_safetensors(folder.path / "absent"); }, {"absent"});
}

// Whatever a file holds, it is read or refused with an Error.
void expect_read_or_refused(const std::filesystem::path& path, const std::string& bytes) {
  put(path, bytes);
  try {
    read_safetensors(path);
  } catch (const Error&) {
  }
}

TEST(Safetensors, SurviveAnyBytes) {
  const TempFolder folder;
  write_safetensors(folder.path / "good", some_tensors());
  const std::string good = contents(folder.path / "good");
  Random random(1);
  for (size_t length = 0; length < good.size(); ++length) {
    put(folder.path / "x", good.substr(0, length));
    EXPECT_THROW(read_safetensors(folder.path / "x"), Error) << length;
  }
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    for (uint64_t n = 1 + random.below(3); n > 0; --n) {
      bytes[random.below(bytes.size())] = char(random.word());
    }
    expect_read_or_refused(folder.path / "x", bytes);
  }
  for (int i = 0; i < 500; ++i) {
    std::string header(random.below(60), '\0');
    for (char& c : header) c = R"({}[]":,0189.-eFa\u)"[random.below(18)];
    expect_read_or_refused(folder.path / "x", with_header(header, "12345678"));
  }
}

TEST(Safetensors, AreWrittenWholeOrNotAtAll) {
  const TempFolder folder;
  put(folder.path / "x", "before");
  TensorFile file = some_tensors();
  file.tensors.push_back(file.tensors[0]);
  expect_error<Error>([&] { write_safetensors(folder.path / "x", file); }, {"two", "'a'"});
  file.tensors.back().first = "not UTF-8: \xff";
  expect_error<Error>([&] { write_safetensors(folder.path / "x", file); }, {"UTF-8"});
  EXPECT_EQ(contents(folder.path / "x"), "before");
  file.tensors.pop_back();
  expect_error<Error>([&] { write_safetensors(folder.path / "no" / "x", file); }, {"cannot write"});
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path), {}), 1);
}

TEST(Safetensors, HoldAModelAsPyTorchNamesIt) {
  const TempFolder folder;
  const Model model("dense(5) relu dense(3)", {.input = {2}, .seed = 3});
  save_model(folder.path / "m", model);
  const TensorFile file = read_safetensors(folder.path / "m");
  std::vector<std::string> lines;
  for (const auto& [name, t] : file.tensors) lines.push_back(name + " " + t.shape().text());
  EXPECT_EQ(lines, (std::vector<std::string>{"0.weight [5, 2]", "0.bias [5]", "2.weight [3, 5]",
                                             "2.bias [3]"}));
  EXPECT_EQ(file.metadata.at("format"), "pt");

  const Model same = load_model(folder.path / "m");
  const Tensor x = Tensor::from({1, 2, -3, 4}, {2, 2});
  EXPECT_EQ(same.spec(), model.spec());
  EXPECT_EQ(same.predict(x).to_vector(), model.predict(x).to_vector());
}

TEST(Safetensors, FitAModelWhollyOrChangeNothing) {
  const Model model("dense(3)", {.input = {2}, .seed = 3});
  const std::vector<double> before = model.parameter("0.weight").to_vector();
  TensorFile file;
  file.tensors.emplace_back("0.weight", Tensor::zeros({3, 2}));
  file.tensors.emplace_back("0.bais", Tensor::zeros({3}));
  expect_error<Error>([&] { load_parameters(file, model); },
                      {"'0.bias' is missing", "no '0.bais'"});
  file.tensors.back() = {"0.bias", Tensor::zeros({4})};
  expect_error<Error>([&] { load_parameters(file, model); }, {"'0.bias' is float32 [4]", "[3]"});
  EXPECT_EQ(model.parameter("0.weight").to_vector(), before);
  file.tensors.back() = {"0.bias", Tensor::full({3}, 2)};
  load_parameters(file, model);
  EXPECT_EQ(model.parameter("0.weight").to_vector(), std::vector<double>(6, 0));
  EXPECT_EQ(model.parameter("0.bias").to_vector(), std::vector<double>(3, 2));
}

TEST(Safetensors, OfAnotherProgramDoNotSayWhichModel) {
  const TempFolder folder;
  write_safetensors(folder.path / "x", some_tensors());
  expect_error<Error>([&] { load_model(folder.path / "x"); }, {"does not say which model"});
}

TEST(Safetensors, ThatLieAboutTheirModelAreAnErrorOfTheFile) {
  const TempFolder folder;
  TensorFile file;
  for (const char* spec : {"dense(3", "dense(4)", "dense(99999999999)"}) {
    for (const char* input : {"[2]", "2", "[-2]", "nonsense", "[1,1,1,1,1,1,1,1]"}) {
      file.metadata = {{"model", spec}, {"input", input}};
      write_safetensors(folder.path / "x", file);
      expect_error<Error>([&] { load_model(folder.path / "x"); }, {"cannot build"});
    }
  }
}

}  // namespace
}  // namespace ravine
