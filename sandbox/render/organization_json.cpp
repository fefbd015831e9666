#include "sandbox/render/organization_json.h"

#include <array>

#include "sandbox/render/time_text.h"

namespace sandbox {

void append_organization_fields(JsonWriter& json, const Organization& organization,
                                const Addresses& addresses) {
  json.id("id", organization.id);
  json.text("slug", organization.slug);
  json.raw(R"("status":{"id":"active","name":"active"})");
  json.text("name", organization.name);
  time_field(json, "dateCreated", organization.created);
  json.raw(
      R"("isEarlyAdopter":false,"require2FA":false,)"
      R"("avatar":{"avatarType":"letter_avatar","avatarUuid":null,"avatarUrl":null},)"
      R"("allowMemberInvite":true,"allowMemberProjectCreation":true,"allowSuperuserAccess":false)");
  json.key("links");
  json.begin_object();
  json.text("organizationUrl", addresses.public_url);
  json.text("regionUrl", addresses.public_url);
  json.end_object();
  json.raw(R"("hasAuthProvider":false,"features":["session-replay-video","onboarding",)"
           R"("advanced-search","discover-basic","issue-platform","event-attachments"])");
}

void append_organization(JsonWriter& json, const Organization& organization,
                         const Addresses& addresses) {
  json.begin_object();
  append_organization_fields(json, organization, addresses);
  json.end_object();
}

void append_team(JsonWriter& json, const Team& team) {
  json.begin_object();
  json.id("id", team.id);
  json.text("slug", team.slug);
  json.text("name", team.name);
  json.end_object();
}

void append_user(JsonWriter& json, const User& user) {
  json.begin_object();
  json.id("id", user.id);
  json.text("name", user.name);
  json.text("username", user.email);
  json.text("email", user.email);
  json.text("avatarUrl", "https://gravatar.com/avatar/" + std::to_string(user.id) + "?s=32&d=mm");
  json.raw(
      R"("isActive":true,"isSuspended":false,"hasPasswordAuth":true,"isManaged":false,)"
      R"("dateJoined":"2021-03-04T05:06:07.089Z","lastLogin":"2024-01-02T03:04:05.678901Z",)"
      R"("has2fa":false,"lastActive":null,"isSuperuser":false,"isStaff":false,"experiments":{},)"
      R"("avatar":{"avatarType":"letter_avatar","avatarUuid":null,"avatarUrl":null})");
  json.key("emails");
  json.begin_array();
  json.begin_object();
  json.id("id", user.id + 9);
  json.text("email", user.email);
  json.flag("is_verified", true);
  json.end_object();
  json.end_array();
  json.end_object();
}

}  // namespace sandbox
