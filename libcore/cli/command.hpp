// SPDX-License-Identifier: MIT
#pragma once

// A subcommand as data. From one table of Commands come the parser, --help, the man page, the
// completions and the tests over all of them. The surface of a command (options, words) is
// separate from its code, so that a lean program can list, document and complete commands whose
// code lives in a helper program:
//
//   struct ListOptions { int limit = 20; std::optional<std::string> type; };
//   cli::Declaration<ListOptions> list_command();              // cmd_list.hpp, .cpp: the surface
//   Result<cli::ExitCode> run_list(cli::Context&, const ListOptions&);
//   .commands = {list_command()}                // in offq: runs libexec/offkit/<program>
//   .commands = {list_command().with(run_list)} // in the helper: runs it here

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/cli/exit_code.hpp"
#include "libcore/cli/value.hpp"

namespace core::cli {

class Context;

struct Example {
  std::string command = {};
  std::string explanation = {};
};

struct ExitMeaning {
  ExitCode code = ExitCode::ok;
  std::string meaning = {};  // empty: the general meaning
};

struct Topic {  // an environment variable or a file, and what it is for
  std::string name = {};
  std::string meaning = {};
};

struct Doc {
  std::string name = {};
  std::string summary = {};      // at most 60 characters, no full stop
  std::string description = {};  // paragraphs separated by an empty line; `code` in backquotes
  std::string group = {};        // heading in the list of commands
  std::vector<Example> examples = {};
  std::vector<ExitMeaning> exit_codes = {};  // 0 and 2 are documented for every command
  std::vector<Topic> environment = {};
  std::vector<Topic> files = {};
  std::vector<std::string> see_also = {};  // "offq-queue(5)"
};

enum class Complete { none, file, directory, operation_id };
// Whether a value that is not among the choices is refused.
enum class Choices { suggested, enforced };
enum class Takes { nothing, value, optional_value };
enum class Repeated { no, yes };

struct Option {
  std::string names = {};       // "-n,--limit"
  std::string value_name = {};  // "N"; empty for a flag
  std::string help = {};        // a sentence
  Takes takes = Takes::nothing;
  std::vector<std::string> choices = {};
  Choices choices_are = Choices::suggested;
  Complete complete = Complete::none;
  Repeated repeated = Repeated::no;
  std::string default_text = {};
  std::string once = {};  // why it may be given only once; empty: the last one wins
  std::function<Result<>(std::string_view)> assign = {};  // a flag is given ""

  [[nodiscard]] std::string long_name() const;   // "--limit", or the short one if it is alone
  [[nodiscard]] std::string short_name() const;  // "-n", or empty
};

enum class Presence { required, optional, repeated };  // repeated: any number, none included

struct Operand {
  std::string name = {};  // "URL", "ID"
  std::string help = {};
  Presence presence = Presence::required;
  std::vector<std::string> choices = {};
  Complete complete = Complete::none;
  std::function<Result<>(std::string_view)> assign = {};
};

// What the type of the target does not say. These choices are completed, no more: a target that
// accepts nothing else is an enum, which brings its own.
struct Hints {
  std::vector<std::string> choices = {};
  Complete complete = Complete::none;
  std::string default_text = {};
  std::string once = {};  // as Option::once
};

// The value of an option that may come with or without one: --ndjson, --ndjson FILE.
struct OptionalValue {
  bool given = false;
  std::optional<std::string> value = {};
};

// Ties options and operands to the fields of an options struct. Targets of values: std::string,
// integers, double, Duration, ByteCount, any enum with enum_names; std::optional of these; a
// std::vector of these, which makes the option repeatable (a vector of enums also takes "a,b").
class Binder {
 public:
  template <typename T>
  void option(std::string names, std::string value_name, std::string help, T& target,
              Hints hints = {});
  // Bind OptionalValue: the value may be left out. `--name VALUE`, `--name=VALUE` or `--name`.
  void option(std::string names, std::string value_name, std::string help, OptionalValue& target,
              Hints hints = {});
  // Bind bool, or a two-valued enum whose second value is "given".
  template <typename T>
  void flag(std::string names, std::string help, T& target) {
    flag(std::move(names), std::move(help), target, static_cast<T>(1));
  }
  // Several flags may share one enum: the last one on the command line wins.
  template <typename T>
  void flag(std::string names, std::string help, T& target, T when_given);
  // std::optional<T> makes it optional, std::vector<T> repeated.
  template <typename T>
  void operand(std::string name, std::string help, T& target, Hints hints = {});

  [[nodiscard]] const std::vector<Option>& options() const { return options_; }
  [[nodiscard]] const std::vector<Operand>& operands() const { return operands_; }

 private:
  std::vector<Option> options_;
  std::vector<Operand> operands_;
};

// One parse of one command: an options struct, what is bound to it, and what to do with it.
class Invocation {
 public:
  Invocation() = default;
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;
  virtual ~Invocation() = default;

  [[nodiscard]] virtual const Binder& binder() const = 0;
  // What no single option can say ("--a and --b exclude each other"). Errors: usage.
  [[nodiscard]] virtual Result<> check() const = 0;
  virtual Result<ExitCode> run(Context& context) const = 0;
};

struct Command {
  Doc doc;
  std::string program = {};  // the helper that has the code; empty: the code is here
  std::function<std::unique_ptr<Invocation>()> prepare = {};
};

template <typename Options>
struct Declaration {
  using Run = Result<ExitCode> (*)(Context&, const Options&);

  Doc doc;
  void (*bind)(Binder&, Options&) = nullptr;
  std::string program = {};                     // "offq-store"; empty: offq itself
  Result<> (*check)(const Options&) = nullptr;  // may be absent

  // The command with its code.
  [[nodiscard]] Command with(Run run) const;
  // The surface alone: cli::main runs `program` for it.
  operator Command() const {
    return surface(with(nullptr));
  }  // NOLINT(google-explicit-constructor)

 private:
  [[nodiscard]] Command surface(Command command) const {
    command.program = program;
    return command;
  }
};

// --- Inline implementations ---

namespace detail {

template <typename T>
struct Element {
  using type = T;
  static constexpr bool is_vector = false;
  static constexpr bool is_optional = false;
};
template <typename T>
struct Element<std::optional<T>> {
  using type = T;
  static constexpr bool is_vector = false;
  static constexpr bool is_optional = true;
};
template <typename T>
struct Element<std::vector<T>> {
  using type = T;
  static constexpr bool is_vector = true;
  static constexpr bool is_optional = false;
};

std::vector<std::string_view> split_list(std::string_view text);  // "a,b"

template <typename T>
std::function<Result<>(std::string_view)> assigner(T& target) {
  return [&target](std::string_view text) -> Result<> {
    using Item = typename Element<T>::type;
    if constexpr (Element<T>::is_vector && NamedEnum<Item>) {
      for (const auto part : split_list(text)) {
        TRY_ASSIGN(Item value, parse_value<Item>(part));
        target.push_back(std::move(value));
      }
    } else {
      TRY_ASSIGN(Item value, parse_value<Item>(text));
      if constexpr (Element<T>::is_vector) {
        target.push_back(std::move(value));
      } else {
        target = std::move(value);
      }
    }
    return {};
  };
}

template <typename Options>
class TypedInvocation final : public Invocation {
 public:
  TypedInvocation(void (*bind)(Binder&, Options&), Result<> (*checks)(const Options&),
                  typename Declaration<Options>::Run code)
      : check_(checks), run_(code) {
    bind(binder_, options_);
  }
  [[nodiscard]] const Binder& binder() const override { return binder_; }
  [[nodiscard]] Result<> check() const override {
    return check_ == nullptr ? Result<>{} : check_(options_);
  }
  Result<ExitCode> run(Context& context) const override {
    if (run_ == nullptr) return fail(Errc::unavailable, "command not built into this program");
    return run_(context, options_);
  }

 private:
  Options options_{};
  Binder binder_;
  Result<> (*check_)(const Options&);
  typename Declaration<Options>::Run run_;
};

}  // namespace detail

template <typename T>
void Binder::option(std::string names, std::string value_name, std::string help, T& target,
                    Hints hints) {
  using Item = typename detail::Element<T>::type;
  if (hints.choices.empty()) hints.choices = choices_of<Item>();
  if constexpr (std::same_as<T, Item>) {
    if (hints.default_text.empty()) hints.default_text = default_text(target);
  }
  options_.push_back({.names = std::move(names),
                      .value_name = std::move(value_name),
                      .help = std::move(help),
                      .takes = Takes::value,
                      .choices = std::move(hints.choices),
                      .choices_are = NamedEnum<Item> ? Choices::enforced : Choices::suggested,
                      .complete = hints.complete,
                      .repeated = detail::Element<T>::is_vector ? Repeated::yes : Repeated::no,
                      .default_text = std::move(hints.default_text),
                      .once = std::move(hints.once),
                      .assign = detail::assigner(target)});
}

inline void Binder::option(std::string names, std::string value_name, std::string help,
                           OptionalValue& target, Hints hints) {
  options_.push_back({.names = std::move(names),
                      .value_name = std::move(value_name),
                      .help = std::move(help),
                      .takes = Takes::optional_value,
                      .choices = std::move(hints.choices),
                      .complete = hints.complete,
                      .default_text = std::move(hints.default_text),
                      .assign = [&target](std::string_view text) -> Result<> {
                        target.given = true;
                        if (!text.empty()) target.value = std::string(text);
                        return {};
                      }});
}

template <typename T>
void Binder::flag(std::string names, std::string help, T& target, T when_given) {
  static_assert(std::same_as<T, bool> || std::is_enum_v<T>);
  options_.push_back({.names = std::move(names),
                      .help = std::move(help),
                      .assign = [&target, when_given](std::string_view) -> Result<> {
                        target = when_given;
                        return {};
                      }});
}

template <typename T>
void Binder::operand(std::string name, std::string help, T& target, Hints hints) {
  using Element = detail::Element<T>;
  if (hints.choices.empty()) hints.choices = choices_of<typename Element::type>();
  operands_.push_back({.name = std::move(name),
                       .help = std::move(help),
                       .presence = Element::is_vector     ? Presence::repeated
                                   : Element::is_optional ? Presence::optional
                                                          : Presence::required,
                       .choices = std::move(hints.choices),
                       .complete = hints.complete,
                       .assign = detail::assigner(target)});
}

template <typename Options>
Command Declaration<Options>::with(Run run) const {
  return {.doc = doc, .program = {}, .prepare = [bind = bind, check = check, run] {
            return std::unique_ptr<Invocation>(
                std::make_unique<detail::TypedInvocation<Options>>(bind, check, run));
          }};
}

}  // namespace core::cli
