// SPDX-License-Identifier: MIT
#include "libcore/codec/command_line.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "libcore/base/text.hpp"
#include "libcore/codec/corrupt.hpp"
#include "libcore/codec/json_members.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::codec {
namespace {

using std::chrono::milliseconds;

bool is_writable(std::string_view text) {
  return is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
}

Result<std::string> read_word(std::string_view raw) {
  TRY_ASSIGN(auto text, decode_json_string(raw));
  if (text.find('\0') != std::string::npos) return corrupt("a NUL in a word");
  return text;
}

Result<> read_member(CommandLine& command, const std::string& name, const std::string& raw) {
  if (name == "queue") {
    TRY_ASSIGN(command.queue, read_word(raw));
  } else if (name == "program") {
    TRY_ASSIGN(command.program, read_word(raw));
  } else if (name == "directory") {
    TRY_ASSIGN(command.directory, read_word(raw));
  } else if (name == "arguments") {
    TRY_ASSIGN(const auto elements, json_elements(raw));
    for (const auto& element : elements) {
      TRY_ASSIGN(auto argument, read_word(element));
      command.arguments.push_back(std::move(argument));
    }
  } else if (name == "environment") {
    TRY_ASSIGN(const auto members, json_members(raw));
    for (const auto& [variable, value] : members) {
      TRY_ASSIGN(auto text, read_word(value));
      command.environment.emplace_back(variable, std::move(text));
    }
  } else if (name == "timeout_ms") {
    const auto count = parse_unsigned(raw);
    if (!count || *count > 1'000'000'000'000) return corrupt("not a number of milliseconds");
    command.timeout = milliseconds{*count};
  } else {
    return corrupt("unknown member");
  }
  return {};
}

}  // namespace

Result<std::string> format_command(const CommandLine& command) {
  bool is_text = is_writable(command.program) && is_writable(command.directory);
  std::string arguments = "[";
  for (const auto& argument : command.arguments) {
    is_text &= is_writable(argument);
    if (arguments.size() > 1) arguments += ',';
    append_quoted(arguments, argument);
  }
  JsonObject environment;
  for (const auto& [name, value] : command.environment) {
    is_text &= is_writable(name) && is_writable(value);
    environment.add(name, value);
  }
  if (!is_text) return fail(Errc::usage, "command: only text in UTF-8 can be queued");
  const auto timeout = std::chrono::ceil<milliseconds>(command.timeout).count();
  return JsonObject()
      .add("queue", command.queue)
      .add("program", command.program)
      .add_raw("arguments", arguments + "]")
      .add("directory", command.directory)
      .add_raw("environment", environment.text())
      .add("timeout_ms", timeout)
      .text();
}

Result<CommandLine> parse_command(std::string_view json_object) {
  CommandLine command;
  TRY_ASSIGN(const auto members, json_members(json_object));
  for (const auto& [name, raw] : members) {
    if (auto read = read_member(command, name, raw); !read) {
      return wrap("command: " + printable(name, 60), std::move(read).error());
    }
  }
  const auto is_absolute = [](const std::string& path) { return path.starts_with('/'); };
  if (!is_absolute(command.program) || !is_absolute(command.directory)) {
    return corrupt("command: program and directory must be absolute paths");
  }
  if (command.timeout <= Duration{0}) return corrupt("command: timeout_ms is missing");
  return command;
}

namespace {

std::string shell_word(std::string_view text) {
  constexpr std::string_view k_plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@_";
  if (!text.empty() && text.find_first_not_of(k_plain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace

std::string shell_text(const CommandLine& command) {
  std::string text = shell_word(command.program);
  for (const auto& argument : command.arguments)
    text += ' ' + shell_word(argument);
  return text;
}

}  // namespace core::codec
