#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapping/custom/next_cursor.h"
#include "mapping/custom/page_rows.h"
#include "mapping/custom/template.h"
#include "mapping/expression/path.h"

namespace source_sentry {

/// A member that a record takes from its parent.
struct ParentMember {
  std::string key;
  PlainPath path;
};

/// A stream of a route of the server's that the configuration names: one entry of
/// `custom_streams`, compiled. Immutable, shared by threads.
struct CustomStream {
  using Templates = std::vector<std::pair<std::string, Template>>;

  Template address;  ///< path or url
  std::string name{};
  std::string kind{};   ///< what templates of its children, and pushes, call it
  std::string place{};  ///< for messages: `custom_streams[1] "teams"`
  bool is_of_opslevel = false;
  Templates params{};
  Templates headers{};

  /// Its route is asked for each record of that one; null: of `listed_parent`, or only once.
  std::shared_ptr<const CustomStream> parent{};
  std::string listed_parent{};  ///< a stream that is not a custom one; empty: none
  std::vector<ParentMember> inject{};
  bool missing_fails = false;  ///< a parent that is gone makes the stream incomplete

  PageRule rule{};
  NextRule next{};
  std::string page_size_param{};  ///< empty: none
  std::size_t page_size = 0;

  std::string cursor_field{};  ///< empty: full refresh only
  std::string start_param{};
  std::string end_param{};

  std::vector<std::string> primary_key{};  ///< as declared, or the record id
  std::string schema{};                    ///< as declared: JSON, or empty
};

/// What the entries may refer to.
struct CustomSources {
  std::vector<std::string> parents;            ///< streams that are not custom ones
  std::map<std::string, std::string> secrets;  ///< by name, those of our own token among them
  std::string own_token;
  bool has_project = false;  ///< the configuration names one project
};

/// Reads `custom_streams`. `places`: where each entry comes from, for messages; an entry without
/// one is "custom_streams[i]". Throws Mistakes: what is wrong and where.
std::vector<std::shared_ptr<const CustomStream>> read_custom_streams(
    const nlohmann::ordered_json& entries, const CustomSources& sources,
    const std::vector<std::string>& places = {});

/// The stream and those whose records it is asked for, the outermost first.
std::vector<std::shared_ptr<const CustomStream>> chain_of(
    const std::shared_ptr<const CustomStream>& stream);

/// Hands its expressions to `take`, each with the key that it stands under.
void for_each_expression(
    const CustomStream& stream,
    const std::function<void(const Expression& expression, const std::string& what)>& take);

/// Compiles every expression of `stream`. Throws Mistakes naming the stream and the keys.
void check_expressions(const CustomStream& stream, JqPrograms& programs);

}  // namespace source_sentry
