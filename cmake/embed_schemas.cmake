# Writes OUTPUT, a C++ source that holds the text of each of FILES under its base name.
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND rows "    {\"${name}\", R\"schema(${text})schema\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new "#include \"sentry/embedded.h\"

namespace source_sentry {

namespace {
struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};
constexpr EmbeddedFile kFiles[] = {
${rows}};
}  // namespace

std::string_view embedded_schema(std::string_view name) {
  for (const EmbeddedFile& file : kFiles) {
    if (file.name == name) return file.text;
  }
  return {};
}

}  // namespace source_sentry
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
