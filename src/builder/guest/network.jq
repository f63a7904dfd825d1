# Turns OpenStack's network_data.json into one line a fact, for shells without JSON.
def bits: {"0":0,"128":1,"192":2,"224":3,"240":4,"248":5,"252":6,"254":7,"255":8};
def prefix:
  tostring
  | if test("^[0-9]+$") then .
    elif test("^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$") then (split(".") | map(bits[.] // 0) | add | tostring)
    else (gsub("[^fF]"; "") | length * 4 | tostring) end;
def word: tostring | gsub("[^A-Za-z0-9_.:/-]"; "_") | if . == "" then "-" else . end;
def address($with): if (. | contains("/")) then . else . + "/" + $with end;
(.links // [] | .[]
  | (.ethernet_mac_address // "-" | ascii_downcase | word) as $mac
  | (.mtu // "-" | word) as $mtu
  | if .type == "bond" then
      "bond \(.id | word) \($mac) \($mtu) \(.bond_mode // "active-backup" | word) \(.bond_links // [] | map(word) | join(","))"
    elif .type == "vlan" then
      "vlan \(.id | word) \($mac) \($mtu) \(.vlan_link | word) \(.vlan_id | word)"
    else "phy \(.id | word) \($mac) \($mtu)" end),
(.networks // [] | .[]
  | (.link | word) as $link
  | if .type == "ipv4_dhcp" or .type == "dhcp4" then "dhcp4 \($link)"
    elif .type == "ipv6_dhcp" or .type == "dhcp6" or .type == "ipv6_dhcpv6-stateful" then "dhcp6 \($link)"
    elif .type == "ipv6_slaac" or .type == "slaac" or .type == "ipv6_dhcpv6-stateless" then "slaac \($link)"
    elif .ip_address then
      (.netmask // (if (.ip_address | contains(":")) then "64" else "24" end) | prefix) as $p
      | "addr \($link) \(.ip_address | address($p) | word)",
        (if .gateway then "route \($link) \(if (.ip_address | contains(":")) then "::/0" else "0.0.0.0/0" end) \(.gateway | word)" else empty end)
    else empty end,
    (.link as $l | .routes // [] | .[]
      | "route \($l | word) \(.network | address(.netmask // "32" | prefix) | word) \(.gateway // "-" | word)"),
    (.dns_nameservers // [] | .[] | "dns \(word)"),
    (.services // [] | .[] | select(.type == "dns") | "dns \(.address | word)")),
(.services // [] | .[] | select(.type == "dns") | "dns \(.address | word)")
