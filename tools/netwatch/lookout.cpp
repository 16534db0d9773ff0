// SPDX-License-Identifier: MIT
#include "tools/netwatch/lookout.hpp"

#include <string>
#include <utility>

#include "libcore/cli/tool.hpp"

namespace netwatch {
namespace {

// Else what nobody knows would pass for a way out.
core::Result<> check_sources(SystemKernel& kernel, const core::netstate::Policy& policy) {
  if (policy.basic_endpoints + policy.api_endpoints > 0) return {};
  const auto snapshot = kernel.read();
  if (snapshot || snapshot.error().code == core::Errc::later) return {};
  return core::fail(core::Errc::later,
                    snapshot.error().message +
                        ": nothing is known of the network, and no endpoint is to be asked: "
                        "`netwatch init` or network.basic names some");
}

}  // namespace

core::Result<std::unique_ptr<Lookout>> Lookout::create(core::cli::Context& context,
                                                       core::sys::Children& children,
                                                       Observation observation) {
  std::unique_ptr<Lookout> lookout(new Lookout);
  TRY(check_sources(lookout->kernel_, observation.policy));
  TRY_ASSIGN(lookout->basic_, core::net::SocketProber::create(context.random));
  TRY_ASSIGN(auto helper, core::cli::helper_path("netwatch-probe", context.environment));
  TRY_ASSIGN(lookout->api_, core::net::ApiProber::create(children, std::move(helper)));
  TRY_ASSIGN(lookout->observer_,
             Observer::create({.clock = context.clock,
                               .random = context.random,
                               .kernel = lookout->kernel_,
                               .basic = *lookout->basic_,
                               .api = *lookout->api_,
                               .warn = [&context](const std::string& text) { context.warn(text); }},
                              std::move(observation)));
  return lookout;
}

}  // namespace netwatch
