"""The sandbox's token for the streams beyond the core. (Its own one lacks scopes that some of them need.)"""

# It may read everything, and belongs to a user.
TOKEN = ("sandbox-scopes-org.read-org.write-org.admin-project.read-project.releases-event.read-member.read-team.read-"
         "alerts.read")
