// SPDX-License-Identifier: MIT
#include "libcore/cli/context.hpp"

#include "libcore/base/text.hpp"

namespace core::cli {
namespace {

constexpr std::string_view k_red = "\x1b[31m";
constexpr std::string_view k_yellow = "\x1b[33m";
constexpr std::string_view k_plain = "\x1b[0m";

std::string coloured(std::string_view text, std::string_view colour, Color wanted) {
  if (text.empty() || colour.empty() || wanted == Color::no) return std::string(text);
  return fmt::format("{}{}{}", colour, text, k_plain);
}

}  // namespace

void Context::warn(std::string_view message) {
  if (verbosity == Verbosity::quiet) return;
  tell(coloured("warning:", k_yellow, err_color) + " ", message, {});
}

void Context::say(std::string_view message) {
  if (verbosity != Verbosity::quiet) tell({}, message, {});
}

void Context::note(std::string_view message) {
  if (verbosity == Verbosity::verbose) tell({}, message, {});
}

void Context::complain(const Error& error) {
  tell({}, error.message, k_red);
}

void Context::tell(std::string_view label, std::string_view message, std::string_view colour) {
  const auto text = printable(message, std::string_view::npos);
  err.print("{}: {}{}\n", program, label, coloured(text, colour, err_color));
}

}  // namespace core::cli
