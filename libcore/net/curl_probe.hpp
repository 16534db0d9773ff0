// SPDX-License-Identifier: MIT
#pragma once

// Questions to the API, over libcurl: does the right server answer, with a certificate that holds?
// For the helper program netwatch-probe; others ask by way of it (api_prober.hpp).

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/probe_result.hpp"

namespace core::net {

struct CurlProbeLimits {
  Duration whole = std::chrono::seconds{3};
  std::optional<Family> family{};  // only this one
  std::string interface{};         // bound to it; empty: any
  std::string ca_file{};           // PEM; empty: the system's
  std::string ca_directory{};
};

// Asks all at once by GET, without following redirects and without reading bodies, and tells of
// each as it ends. curl's conventions for proxies and certificates hold. Bytes are counted from the
// kernel's counters; those of looking up the name, which the system's resolver does, are an
// estimate. A status below 500 except 511 is an answer; of http://, where everybody can answer, a
// redirect is not. Errors: unavailable, when libcurl cannot be set up.
Result<> probe_by_curl(
    const std::vector<std::string>& urls, const CurlProbeLimits& limits,
    const std::function<void(std::size_t index, const ProbeResult& result)>& tell);

}  // namespace core::net
