// SPDX-License-Identifier: MIT
#include "libcore/codec/json_pretty.hpp"

#include <algorithm>

namespace core::codec {
namespace {

constexpr std::size_t k_step = 2;
// Deeper nesting is not indented further: a document of a million brackets must not become a
// million times a million blanks.
constexpr std::size_t k_deepest = 64;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
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
    out_ += json_.substr(begin, at_ - begin);
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
