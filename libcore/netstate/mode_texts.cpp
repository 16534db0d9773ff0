// SPDX-License-Identifier: MIT
#include "libcore/netstate/mode_texts.hpp"

#include <algorithm>
#include <array>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"

namespace core::netstate {
namespace {

// Members that are text; the others are JSON as it stands there.
constexpr std::array<std::string_view, 5> k_texts{"previous", "login_url", "retry_after", "note",
                                                  "network"};
constexpr std::array<std::string_view, 4> k_values{"families", "flapping", "degraded", "budget"};
constexpr std::array<std::string_view, 5> k_evidence{"ladder", "passive", "probes", "siblings",
                                                     "bytes"};
constexpr std::array<std::string_view, 1> k_times{"looked_at"};

}  // namespace

Texts mode_texts(std::string_view document, const Published& line,
                 const std::optional<Override>& override_, Time now) {
  const auto members = codec::parse_flat_object(document);
  const auto keep = [&](codec::JsonObject& object, const auto& names, bool is_text) {
    for (const auto name : names) {
      const auto found = members ? members->find(std::string(name)) : decltype(members->end()){};
      if (!members || found == members->end()) continue;
      if (is_text) object.add(name, found->second);
      if (!is_text) object.add_raw(name, found->second);
    }
  };
  codec::JsonObject object;
  object.add("v", 1).add("at", format_time(now)).add("generation", line.generation);
  object.add("state", line.state ? name_of(*line.state) : "unknown");
  object.add("mode", name_of(line.mode)).add("reason", name_of(line.reason));
  object.add("since", format_time(line.since)).add("valid_until", format_time(line.valid_until));
  object.add("by", name_of(line.by));
  if (!line.interface.empty()) object.add("interface", line.interface);
  object.add("metered", name_of(line.metered));
  keep(object, k_texts, true);
  keep(object, k_values, false);
  if (override_) object.add_raw("override", std::string(trim(format_override(*override_))));
  Texts texts{.document = {}, .history = object.text() + "\n"};
  keep(object, k_evidence, false);
  keep(object, k_times, true);
  texts.document = std::move(object).text() + "\n";
  return texts;
}

}  // namespace core::netstate
