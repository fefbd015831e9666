#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// A text with places to fill, in the part of Liquid that OpsLevel's files use: `{{ cursor }}`,
/// `{{ PARENT.path.to.field }}`, `{{ 'name' | secret }}`, the filters `url_encode` and
/// `default: 'x'`, and `{% if NAME %} ... {% else %} ... {% endif %}`. Immutable.
class Template {
 public:
  /// A name in the text: `cursor`, `teams.slug`.
  using Values = std::function<std::optional<std::string>(std::string_view name)>;
  enum class Target {
    kUrl,    ///< values are percent-encoded, but for `cursor`, which is an address or part of one
    kHeader  ///< values stay as they are, and secrets are allowed
  };

  /// `place`: what errors begin with. Throws ConnectorError for any other tag or filter, and for a
  /// secret in an address.
  Template(std::string_view text, Target target, const std::string& place);

  /// The names that it takes values of, `cursor` among them, in their order.
  std::vector<std::string> names() const;
  /// What messages about it begin with.
  const std::string& place() const { return place_; }
  /// The names of the secrets in it.
  std::vector<std::string> secrets() const;

  /// The text with its places filled: a value that is missing or empty is as nothing. `secrets`
  /// gives the secret of a name. `missing` gets the names that stand in what is rendered, have no
  /// value there and no default; may be null.
  std::string render(const Values& values, const Values& secrets = nullptr,
                     std::vector<std::string>* missing = nullptr) const;

 private:
  struct Part {
    enum class Kind { kText, kValue, kSecret, kIf, kElse, kEnd };
    Kind kind = Kind::kText;
    std::string text;      ///< the text itself, or the name
    std::string fallback;  ///< of `default`
    bool encode = false;   ///< of `url_encode`
  };

  Part read_output(std::string_view inside) const;
  Part read_tag(std::string_view inside) const;
  void check_ifs() const;

  Target target_;
  std::string place_;
  std::vector<Part> parts_;
};

}  // namespace source_sentry
