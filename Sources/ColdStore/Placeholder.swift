// ColdStore
