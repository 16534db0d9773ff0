// SPDX-License-Identifier: MIT
#include "libcore/delivery/secrets.hpp"

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::delivery {
namespace {

tl::unexpected<Error> refuse(std::string_view placeholder, std::string_view why) {
  return fail(Errc::config, fmt::format("secret ${{{}}}: {}", printable(placeholder, 80), why));
}

}  // namespace

bool Secrets::has_secret(std::string_view text) {
  for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    if (at == 0 || text[at - 1] != '$') return true;
  }
  return false;
}

Result<std::string> Secrets::bind(std::string_view text) const {
  std::string bound;
  while (true) {
    const auto at = text.find("${");
    if (at == std::string_view::npos) return bound + std::string(text);
    if (at > 0 && text[at - 1] == '$') {
      bound += text.substr(0, at - 1);
      bound += "${";
      text.remove_prefix(at + 2);
      continue;
    }
    const auto end = text.find('}', at);
    if (end == std::string_view::npos) {
      return fail(Errc::config, "'${' without '}': write $${ for a plain '${'");
    }
    TRY_ASSIGN(const std::string value, look_up(text.substr(at + 2, end - at - 2)));
    bound += text.substr(0, at);
    bound += value;
    text.remove_prefix(end + 1);
  }
}

Result<std::string> Secrets::look_up(std::string_view placeholder) const {
  const auto colon = placeholder.find(':');
  const auto kind = placeholder.substr(0, colon);
  const std::string name(colon == std::string_view::npos ? "" : placeholder.substr(colon + 1));
  if (kind == "cmd" && colon != std::string_view::npos) {
    return refuse("cmd:…", "not supported by this version");
  }
  if (name.empty() || (kind != "env" && kind != "file")) {
    return refuse(placeholder, "write ${env:NAME} or ${file:PATH}, or $${ for a plain '${'");
  }
  auto value = kind == "env" ? from_environment(name) : from_file(name);
  if (!value) return refuse(placeholder, value.error().message);
  if (value->find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos) {
    return refuse(placeholder, "its value holds CR, LF or NUL");
  }
  return value;
}

Result<std::string> Secrets::from_environment(const std::string& name) const {
  auto value = environment_(name);
  if (!value) return fail(Errc::config, "the variable is not set");
  return *std::move(value);
}

Result<std::string> Secrets::from_file(const std::string& path) const {
  TRY_ASSIGN(const std::optional<std::string> bytes, files_(path));
  if (!bytes) return fail(Errc::config, "no such file");
  return bytes->substr(0, bytes->find_last_not_of("\r\n") + 1);
}

}  // namespace core::delivery
