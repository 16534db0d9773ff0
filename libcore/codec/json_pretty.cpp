// SPDX-License-Identifier: MIT
#include "libcore/codec/json_pretty.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::codec {
namespace {

constexpr std::size_t k_step = 2;
// Deeper nesting is not indented further: a document of a million brackets must not become a
// million times a million blanks.
constexpr std::size_t k_deepest = 64;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Of one character that is no longer than three bytes.
unsigned code_point(std::string_view utf8) {
  const unsigned lead = static_cast<unsigned char>(utf8.front());
  unsigned code = utf8.size() == 1 ? lead : utf8.size() == 2 ? lead & 0x1FU : lead & 0x0FU;
  for (const char c : utf8.substr(1))
    code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

class Printer {
 public:
  Printer(std::string_view json, std::size_t indent) : json_(json), indent_(indent) {}

  std::string run() {
    while (at_ < json_.size())
      step(json_[at_]);
    return std::move(out_);
  }

 private:
  void step(char c) {
    if (is_blank(c)) {
      ++at_;
      return;
    }
    if (c == '"') {
      copy_string();
      return;
    }
    ++at_;
    if (c == '{' || c == '[') {
      if (closes_at_once(c)) return;
      out_ += c;
      ++depth_;
      break_line();
    } else if (c == '}' || c == ']') {
      if (depth_ > 0) --depth_;
      break_line();
      out_ += c;
    } else {
      out_ += c;
      if (c == ',') break_line();
      if (c == ':') out_ += ' ';
    }
  }

  // "{}" and "[]" stay together.
  bool closes_at_once(char opening) {
    auto next = at_;
    while (next < json_.size() && is_blank(json_[next]))
      ++next;
    if (next == json_.size() || json_[next] != (opening == '{' ? '}' : ']')) return false;
    out_ += opening;
    out_ += json_[next];
    at_ = next + 1;
    return true;
  }

  void copy_string() {
    const auto begin = at_++;
    while (at_ < json_.size() && json_[at_] != '"')
      at_ += json_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_ + 1, json_.size());
    append_shown(json_.substr(begin, at_ - begin));
  }

  // JSON allows in strings what commands a terminal.
  void append_shown(std::string_view string) {
    while (!string.empty()) {
      const auto length = control_length(string);
      if (length == 0) {
        out_ += string.front();
        string.remove_prefix(1);
        continue;
      }
      out_ += fmt::format("\\u{:04x}", code_point(string.substr(0, length)));
      string.remove_prefix(length);
    }
  }

  void break_line() {
    out_ += '\n';
    out_.append(indent_ + std::min(depth_, k_deepest) * k_step, ' ');
  }

  std::string_view json_;
  std::size_t indent_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

std::string pretty_json(std::string_view json, std::size_t indent) {
  return Printer(json, indent).run();
}

}  // namespace core::codec
