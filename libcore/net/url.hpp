// SPDX-License-Identifier: MIT
#pragma once

// http(s) URLs (RFC 3986), as far as offkit must understand them: to refuse what is not one, to
// tell destinations apart, and to resolve relative ones. Values only: nothing is looked up.

#include <string>
#include <string_view>

#include "libcore/base/result.hpp"

namespace core::net {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 literal keeps its brackets
  int port = 0;        // the scheme's default when not given
  std::string target;  // path and query, at least "/"; without fragment

  // "scheme://host:port": what breakers, holds and redirects compare.
  [[nodiscard]] std::string origin() const;
  [[nodiscard]] std::string text() const;
};

// Refuses other schemes, user information (credentials do not belong in a stored URL), control
// characters, blanks, empty hosts and names that DNS cannot hold. Removes dot segments and escapes
// bytes outside of ASCII, as curl and browsers do; {{placeholders}} in the target stay as they
// are. Errors: usage, saying which, without repeating the URL.
Result<Url> parse_url(std::string_view text);

// Whether it begins with a scheme and "://", whatever follows: "/p?u=http://x" does not.
bool is_absolute(std::string_view reference);

// RFC 3986 5.2 for absolute, "//host", "/path", "path" and "?query" references.
Result<Url> resolve_url(const Url& base, std::string_view reference);

}  // namespace core::net
