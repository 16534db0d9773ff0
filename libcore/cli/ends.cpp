// SPDX-License-Identifier: MIT
#include "libcore/cli/ends.hpp"

#include <algorithm>
#include <utility>

namespace core::cli {
namespace {

std::initializer_list<ExitCode> ends_of(Does does) {
  static constexpr std::initializer_list<ExitCode> k_reads{ExitCode::corrupt, ExitCode::io,
                                                           ExitCode::denied};
  static constexpr std::initializer_list<ExitCode> k_writes{ExitCode::full, ExitCode::io,
                                                            ExitCode::denied, ExitCode::config};
  static constexpr std::initializer_list<ExitCode> k_waits{ExitCode::interrupted,
                                                           ExitCode::terminated};
  switch (does) {
    case Does::reads:
      return k_reads;
    case Does::writes:
      return k_writes;
    case Does::waits:
      return k_waits;
  }
  return {};
}

void add(std::vector<ExitMeaning>& codes, ExitCode code, std::string meaning) {
  if (std::ranges::find(codes, code, &ExitMeaning::code) != codes.end()) return;
  codes.push_back({.code = code, .meaning = std::move(meaning)});
}

}  // namespace

std::vector<ExitMeaning> exit_codes(std::vector<ExitMeaning> own,
                                    std::initializer_list<Does> does) {
  for (const auto what : does) {
    for (const auto code : ends_of(what))
      add(own, code, {});
  }
  return own;
}

void add_end(Doc& doc, ExitCode code, std::string meaning) {
  add(doc.exit_codes, code, std::move(meaning));
}

}  // namespace core::cli
