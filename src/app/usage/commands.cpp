#include "app/usage/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "app/usage/setting_flags.h"
#include "app/usage/texts.h"

namespace source_sentry {
namespace {

constexpr std::size_t kColumn = 30;  // where explanations begin
constexpr std::size_t kWidth = 80;

/// CLI11's own help, with lines that fit into a terminal.
class Help final : public CLI::Formatter {
  std::string make_option_desc(const CLI::Option* option) const override {
    return wrapped(option->get_description(), kWidth - kColumn);
  }
  std::string make_subcommand(const CLI::App* command) const override {
    std::ostringstream out;
    CLI::detail::format_help(out, command->get_name(),
                             wrapped(command->get_description(), kWidth - kColumn), kColumn);
    return out.str();
  }
};

/// An option whose text `take` reads into what it means; false where it cannot.
CLI::Option* add_option(CLI::App& command, const char* flag, const char* type,
                        const std::string& help,
                        const std::function<bool(const std::string&)>& take) {
  return command
      .add_option_function<std::string>(
          flag,
          [=](const std::string& text) {
            if (!take(text))
              throw CLI::ValidationError(flag, std::string("must be ") + type + ", not " + text);
          },
          help)
      ->type_name(type);
}

/// An option that names a file or a folder. An empty name is a variable of the caller's that is not
/// set, and must not count as none.
CLI::Option* add_path(CLI::App& command, const char* flag, const char* type,
                      const std::string& help, std::string& value) {
  return command.add_option(flag, value, help)->type_name(type)->check([](const std::string& text) {
    return std::string(text.empty() ? "must not be empty. Is a variable not set?" : "");
  });
}

/// An option that takes one of the values that its type lists.
void add_choice(CLI::App& command, const char* flag, const char* type, const std::string& help,
                std::string& value) {
  add_option(command, flag, type, help, [&value, type](const std::string& text) {
    const std::vector<std::string> values = listed_values(type);
    value = text;
    return std::find(values.begin(), values.end(), text) != values.end();
  });
}

void add_file_flags(CLI::App& read, FileOptions& files, CLI::Option* output) {
  add_option(read, "--format", "jsonl|csv", "How the files of --output are written",
             [&files](const std::string& text) {
               const auto format = parse_format(text);
               files.format = format.value_or(files.format);
               return format.has_value();
             })
      ->needs(output);
  add_option(read, "--compress", "none|gzip|zstd", "How they are compressed",
             [&files](const std::string& text) {
               const auto compression = parse_compression(text);
               files.compression = compression.value_or(files.compression);
               return compression.has_value();
             })
      ->needs(output);
  add_option(read, "--partition-by", "day", "Write one for each day of a stream's cursor",
             [&files](const std::string& text) { return files.by_day = text == "day"; })
      ->needs(output);
  add_option(read, "--rotate", "SIZE|TIME", "Begin another after so much, such as 256MB or 1d",
             [&files](const std::string& text) {
               if (parse_rotation(text, files)) return true;
               throw CLI::ValidationError(
                   "--rotate",
                   "must be a size or a time such as 256MB, 2GiB, 12h or 1d, not " + text);
             })
      ->needs(output);
  read.add_flag("--dedupe", files.dedupe,
                "Write the newest copy of each record, too, as STREAM.latest.jsonl")
      ->needs(output);
}

/// What is read, and from where on. `output`: what the command does with the folder. Returns
/// --output.
CLI::Option* add_choice_flags(CLI::App& command, Invocation& invocation, const char* output) {
  CLI::Option* catalog =
      add_path(command, "--catalog", "FILE",
               "The streams to read: a configured catalog, or the output of discover",
               invocation.catalog_file);
  command
      .add_option("--streams", invocation.streams,
                  "Their names instead, or patterns such as 'project*' and '!events'")
      ->type_name("STREAM,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->excludes(catalog);
  command.add_flag("--full-refresh", invocation.full_refresh,
                   "Read every stream whole, also those that could resume");
  CLI::Option* state = add_path(command, "--state", "FILE",
                                "Where to resume: the state or the output of an earlier read",
                                invocation.state_file);
  return add_path(command, "--output", "DIR", output, invocation.output_folder)->excludes(state);
}

void add_read_flags(CLI::App& read, Invocation& invocation) {
  CLI::Option* output = add_choice_flags(
      read, invocation, "Write the records into files of this folder, which keeps the state, too");
  add_file_flags(read, invocation.files, output);
  add_choice(read, "--progress", "auto|bar|plain|json|off", "How progress is shown on stderr",
             invocation.progress);
}

void add_text_commands(CLI::App& app, UsageTexts& texts) {
  CLI::App* completion =
      app.add_subcommand("completion", "Print what completes commands in a shell")
          ->group("Commands");
  add_choice(*completion, "SHELL", "bash|zsh|fish", "The shell", texts.shell);
  completion->get_option("SHELL")->required();
  completion->final_callback([&texts] { texts.wanted = UsageTexts::Wanted::kCompletion; });
  app.add_subcommand("man", "Print the manual page")->group("Commands")->final_callback([&texts] {
    texts.wanted = UsageTexts::Wanted::kManPage;
  });
}

void add_streams_flags(CLI::App& streams, Invocation& invocation) {
  streams
      .add_option("stream", invocation.streams,
                  "Those alone: names, or patterns such as 'project*'")
      ->type_name("STREAM...");
  streams.add_flag("--duckdb", invocation.duckdb,
                   "Print the columns of one, for DuckDB's read_json");
}

void add_preview_flags(CLI::App& preview, Invocation& invocation) {
  preview.add_option("stream", invocation.streams, "Its name")->type_name("STREAM")->expected(1);
  constexpr int kMostRecords = 100;  // one page
  preview
      .add_option("-n,--records", invocation.records,
                  "How many records, at most 100; 5 if not given")
      ->type_name("NUMBER")
      ->check(CLI::Range(1, kMostRecords).description(""));  // the help says it
  preview
      .add_option("--record", invocation.record_file,
                  "Try a mapped stream on the records in FILE (- is stdin), without the network")
      ->type_name("FILE");
  preview.add_flag("--translated", invocation.translated,
                   "Print what the configuration makes streams of, in its native form");
  preview.add_flag("--infer-schema", invocation.infer_schema,
                   "Print a schema that fits the records shown");
  preview.parse_complete_callback([&invocation] {
    if (invocation.streams.empty() && !invocation.translated) throw CLI::RequiredError("stream");
  });
}

}  // namespace

void add_commands(CLI::App& app, Invocation& invocation, UsageTexts& texts) {
  using Command = Invocation::Command;
  app.formatter(std::make_shared<Help>());
  app.get_formatter()->column_width(kColumn);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.description(std::string(kSummary) + "\n\n" + wrapped(kDescription, kWidth) + "\n");
  app.fallthrough();
  app.add_flag("--debug", invocation.debug, "Log more");
  // Both matter only to connectors that interpret a manifest.
  for (const char* flag : {"--manifest-path", "--components-path"}) {
    app.add_option_function<std::string>(flag, [](const std::string&) {})->group("");
  }

  const auto command = [&](const char* name, const char* help, Command which) {
    CLI::App* sub = app.add_subcommand(name, help)->group("Commands");
    sub->final_callback([&invocation, which] { invocation.command = which; });
    return sub;
  };
  CLI::App* check = command("check", "Say whether everything can be read", Command::kCheck);
  CLI::App* read = command("read", "Read streams, into files or to stdout", Command::kRead);
  CLI::App* config =
      command("config", "Show the settings and where they come from", Command::kConfig);
  CLI::App* streams =
      command("streams", "Show what each stream has, needs and costs", Command::kStreams);
  CLI::App* preview = command("preview", "Show a few records of a stream", Command::kPreview);
  CLI::App* plan = command("plan", "Say what a read would cost", Command::kPlan);
  // Another executable, which main() runs before anything is parsed.
  app.add_subcommand(kListenCommand, "Take in Sentry's webhooks (source-sentry-listen)")
      ->group("Commands")
      ->prefix_command();
  CLI::App* discover =
      command("discover", "Print the catalog of streams, for Airbyte", Command::kDiscover);
  command("spec", "Print what a configuration may hold, for Airbyte", Command::kSpec);
  for (CLI::App* sub : {check, read, preview, plan, config, discover}) {
    add_path(*sub, "--config", "FILE", "The configuration, JSON", invocation.config_file)
        ->group("Settings");
    add_setting_flags(*sub, invocation.settings);
  }
  check->add_flag("--exit-code", invocation.exit_code, "End with 1 if the check fails");
  add_read_flags(*read, invocation);
  add_streams_flags(*streams, invocation);
  add_preview_flags(*preview, invocation);
  add_choice_flags(*plan, invocation, "Where to resume: the folder of an earlier read");
  for (CLI::App* sub : {check, preview, plan, config, streams}) {
    sub->add_flag("--json", invocation.json, "For programs");
  }
  add_text_commands(app, texts);
  app.footer(sections_text(kColumn, kWidth));  // commands would inherit it
  app.require_subcommand(0, 1);
}

}  // namespace source_sentry
