// SPDX-License-Identifier: MIT
#include "tools/offq/run_cancel.hpp"
#include "tools/offq/run_clear.hpp"
#include "tools/offq/run_delete.hpp"
#include "tools/offq/run_doctor.hpp"
#include "tools/offq/run_fsck.hpp"
#include "tools/offq/run_list.hpp"
#include "tools/offq/run_prune.hpp"
#include "tools/offq/run_retry.hpp"
#include "tools/offq/run_show.hpp"
#include "tools/offq/run_stats.hpp"
#include "tools/offq/run_status.hpp"
#include "tools/offq/run_verify.hpp"
#include "tools/offq/run_wait.hpp"
#include "tools/offq/tool.hpp"

int main(int argc, char** argv) {
  return core::cli::main(
      offq::tool_with(
          {offq::list_command().with(offq::run_list), offq::show_command().with(offq::run_show),
           offq::retry_command().with(offq::run_retry),
           offq::cancel_command().with(offq::run_cancel),
           offq::delete_command().with(offq::run_delete),
           offq::clear_command().with(offq::run_clear), offq::prune_command().with(offq::run_prune),
           offq::fsck_command().with(offq::run_fsck), offq::verify_command().with(offq::run_verify),
           offq::doctor_command().with(offq::run_doctor),
           offq::stats_command().with(offq::run_stats),
           offq::status_command().with(offq::run_status),
           offq::wait_command().with(offq::run_wait)}),
      argc, argv);
}
