/// The places, devices, campaigns and words that shoppers are made of, as the bytes that go into lines.
struct Pools: Sendable {
  struct Place: Sendable {
    let geo: [UInt8]
    let currency: [UInt8]
  }

  let places: [Place]
  let devices: [[UInt8]]
  let bot: [UInt8]
  let campaigns: [[UInt8]]
  let categories: [[UInt8]]
  let queries: [[UInt8]]
  let elements: [[UInt8]]
  let placeRanks: ZipfTable
  let deviceRanks: ZipfTable
  let campaignRanks: ZipfTable

  /// - Parameter currency: that of every place; nil for each country's own.
  init(currency: String?) {
    places = Pools.cities.map { row in
      let geo =
        #""geo":{"country":"\#(row.country)","city":"\#(row.city)","lat":\#(row.latitude),"lon":\#(row.longitude)}"#
      return Place(geo: Array(geo.utf8), currency: Array((currency ?? row.currency).utf8))
    }
    devices = Pools.agents.map { Pools.device($0.agent, $0.system, isMobile: $0.isMobile) }
    bot = Pools.device("Mozilla/5.0 (compatible; CatalogBot/2.1; +https://bot.example/about)", "Linux", isMobile: false)
    campaigns = Pools.sources.map { row in
      let campaign = row.campaign.map { "\"\($0)\"" } ?? "null"
      return Array(#""utm":{"source":"\#(row.source)","medium":"\#(row.medium)","campaign":\#(campaign)}"#.utf8)
    }
    categories = ["electronics", "fashion", "home", "beauty", "sports", "toys", "books", "garden"].map {
      Array($0.utf8)
    }
    queries = Pools.words.map { Array($0.utf8) }
    elements = ["hero_banner", "size_chart", "image_zoom", "reviews_tab", "wishlist", "filter_price"].map {
      Array($0.utf8)
    }
    placeRanks = ZipfTable(count: places.count, shift: 1.5)
    deviceRanks = ZipfTable(count: devices.count, shift: 2)
    campaignRanks = ZipfTable(count: campaigns.count, shift: 1.5)
  }

  private static func device(_ agent: String, _ system: String, isMobile: Bool) -> [UInt8] {
    Array(#""device":{"user_agent":"\#(agent)","os":"\#(system)","mobile":\#(isMobile)}"#.utf8)
  }

  private typealias City = (country: String, city: String, latitude: String, longitude: String, currency: String)

  private static let cities: [City] = [
    ("DE", "München", "48.1351", "11.5820", "EUR"), ("DE", "Berlin", "52.5200", "13.4050", "EUR"),
    ("FR", "Paris", "48.8566", "2.3522", "EUR"), ("GB", "London", "51.5074", "-0.1278", "GBP"),
    ("US", "New York", "40.7128", "-74.0060", "USD"), ("ES", "Málaga", "36.7213", "-4.4214", "EUR"),
    ("DE", "Köln", "50.9375", "6.9603", "EUR"), ("IT", "Milano", "45.4642", "9.1900", "EUR"),
    ("NL", "Amsterdam", "52.3676", "4.9041", "EUR"), ("US", "Chicago", "41.8781", "-87.6298", "USD"),
    ("SE", "Göteborg", "57.7089", "11.9746", "SEK"), ("PL", "Łódź", "51.7592", "19.4560", "PLN"),
    ("AT", "Wien", "48.2082", "16.3738", "EUR"), ("CH", "Zürich", "47.3769", "8.5417", "CHF"),
    ("GR", "Αθήνα", "37.9838", "23.7275", "EUR"), ("BR", "São Paulo", "-23.5505", "-46.6333", "BRL"),
    ("TN", "Tunis", "36.8065", "10.1815", "TND"), ("JP", "東京", "35.6762", "139.6503", "JPY"),
  ]

  private static let agents: [(agent: String, system: String, isMobile: Bool)] = [
    (
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",
      "Windows 11", false
    ),
    (
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
        + "Mobile/15E148 Safari/604.1", "iOS 17", true
    ),
    (
      "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile "
        + "Safari/537.36", "Android 14", true
    ),
    (
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
        + "Safari/605.1.15", "macOS 14", false
    ),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/119.0", "Windows 10", false),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/119.0", "Linux", false),
  ]

  private static let sources: [(source: String, medium: String, campaign: String?)] = [
    ("google", "organic", nil), ("direct", "none", nil), ("google", "cpc", "winter_sale_2023"),
    ("google", "cpc", "black_friday"), ("facebook", "social", "retargeting_q4"),
    ("instagram", "social", "influencer_drop"), ("newsletter", "email", "weekly_digest"),
    ("bing", "cpc", "winter_sale_2023"), ("tiktok", "social", "creator_week"), ("partner", "affiliate", "cashback"),
  ]

  /// As they stand between the quotes of JSON, a few with escapes.
  private static let words: [String] = [
    "running shoes", "kaffeemaschine", "écharpe", "usb-c cable", "t-shirt", "wireless headphones", "gießkanne", "lego",
    #"27\" monitor"#, #"caf\u00e9 mug"#, #"ac\/dc shirt"#, #"\ud83c\udf81 gift"#, "🎧", #"tab\tname"#, #"c:\\games"#,
  ]
}
