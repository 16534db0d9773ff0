// SPDX-License-Identifier: MIT
// URLs: what is refused when enqueued, what destinations are told apart by, and where redirects
// lead. The first line of an input is a URL, the second a reference to resolve against it.

#include "libcore/net/url.hpp"

#include <string>

#include "tests/fuzz/property.hpp"

using core::net::parse_url;
using core::net::Url;
using fuzz::must_hold;

namespace {

bool equal(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port && a.target == b.target;
}

// What would let a URL say something else to the server than to us.
bool is_plain(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == '#' || c == '\\') return false;
  }
  return true;
}

bool has_dot_segment(std::string_view target) {
  auto path = target.substr(0, target.find('?'));
  while (!path.empty()) {
    const auto segment = fuzz::take_until(path, "/");
    if (segment == "." || segment == "..") return true;
  }
  return target.substr(0, target.find('?')).ends_with("/..");
}

void check_url(const Url& url) {
  const std::string text = url.text();
  must_hold(url.scheme == "http" || url.scheme == "https", "only http and https pass", text);
  must_hold(url.port >= 1 && url.port <= 65535, "a port is a port", text);
  must_hold(!url.host.empty() && url.host.find_first_of("@/?# ") == std::string::npos,
            "a host is nothing but a host", text);
  must_hold(url.target.starts_with('/'), "a target begins with a slash", text);
  must_hold(is_plain(text), "nothing is left that could be read in two ways", text);
  must_hold(!has_dot_segment(url.target), "no dot segments are left", text);
  const auto again = parse_url(text);
  must_hold(again.has_value(), "what was read is read again", text);
  must_hold(equal(url, *again) && again->text() == text, "reading again changes nothing", text);
  const auto origin = parse_url(url.origin());
  must_hold(origin && origin->origin() == url.origin(), "an origin is a URL of its own", text);
}

bool may_leave(std::string_view reference) {
  return reference.starts_with("//") ||
         reference.find(':') < reference.find_first_of("/?#");  // it may have a scheme
}

void check_reference(const Url& base, std::string_view reference) {
  const auto resolved = core::net::resolve_url(base, reference);
  if (!resolved) return;
  check_url(*resolved);
  must_hold(may_leave(reference) || resolved->origin() == base.origin(),
            "a relative reference stays at its origin", reference);
  const auto absolute = core::net::resolve_url(base, resolved->text());
  must_hold(absolute && equal(*absolute, *resolved), "an absolute reference leads to itself");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const auto text = fuzz::take_until(rest, "\n");
  const auto url = parse_url(text);
  if (!url) return 0;
  must_hold(core::net::is_absolute(text), "what parses is absolute", text);
  check_url(*url);
  const auto itself = core::net::resolve_url(*url, "");
  must_hold(itself && equal(*itself, *url), "an empty reference is the URL itself", text);
  check_reference(*url, rest);
  return 0;
}
