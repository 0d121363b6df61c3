package table

import "comptoir/shared/profile"

// Profile
//
//	PK USER#u   SK PROFILE
var _ = describe("profile", func(p profile.Profile) keys {
	return keys{primary: Profile(p.UserID).Key}
})

// Profile is what a user prefers.
func Profile(userID string) Ref[profile.Profile] {
	return Ref[profile.Profile]{Key{userPartition(userID), "PROFILE"}}
}

func userPartition(userID string) string { return "USER#" + userID }
