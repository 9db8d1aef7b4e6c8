// Standard output: lines, and on a terminal more lines below them that are redrawn.
#pragma once
#include <string>
#include <string_view>

namespace ravine {
struct TextOptions;
}

namespace ravine::cli {

class Screen {
 public:
  Screen();
  ~Screen();  // takes the redrawn lines away
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void quiet() { quiet_ = true; }
  bool live() const { return live_ && !quiet_; }  // whether redraw() shows anything
  bool utf8() const { return utf8_; }
  bool color() const { return color_; }
  int width() const;  // in columns, now; 80 if not a terminal
  TextOptions text_options() const;

  void line(std::string_view text);    // with its line end
  void text(std::string_view text);    // whole lines
  void redraw(std::string_view text);  // one line or several, each narrower than the screen
  void clear();
  void warn(std::string_view text);  // on standard error, also when quiet

  // `text` as it looks on a terminal that has colours.
  std::string bold(std::string_view text) const;
  std::string dim(std::string_view text) const;

  // Throws Error if something could not be written. False: its reader has gone, which is no error.
  bool check() const;

 private:
  void write(std::string_view bytes);
  std::string to_first_line() const;
  std::string styled(const char* code, std::string_view text) const;

  bool live_, color_, utf8_, quiet_ = false;
  int drawn_ = 0;  // redrawn lines that stand there
  int error_ = 0;
};

int columns_of(std::string_view text);  // on the screen: UTF-8, without control sequences

}  // namespace ravine::cli
