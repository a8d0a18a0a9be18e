import { BlockList, isIP } from 'node:net'

/** How near an address is: this computer, its own network, or everybody's internet. */
export type Zone = 'public' | 'private' | 'loopback'

const nearness: Readonly<Record<Zone, number>> = { public: 0, private: 1, loopback: 2 }

/** Address ranges by IANA's special-purpose registries (RFC 6890). */
const loopback = rangesOf(['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'])
const internal = rangesOf([
  ...['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  // Translated and tunnelled IPv4: what stands inside could be anything.
  ...['64:ff9b::/96', '64:ff9b:1::/48', '2002::/16'],
])

function rangesOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net, prefix] = range.split('/')
    list.addSubnet(net, Number(prefix), net.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Zone of an IP address; an IPv4 address inside IPv6 (`::ffff:a.b.c.d`) counts as itself. */
export function zoneOf(address: string): Zone {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const type = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (loopback.check(plain, type)) return 'loopback'
  return internal.check(plain, type) ? 'private' : 'public'
}

/** The nearest zone among addresses: one near address is enough to reach something near. */
export function nearest(addresses: readonly string[]): Zone {
  const zones = addresses.map(zoneOf)
  return zones.toSorted((a, b) => nearness[b] - nearness[a])[0] ?? 'public'
}

/** Whether a server in one zone may send us to another: never nearer than it is itself. */
export const maySendTo = (from: Zone, to: Zone): boolean => nearness[to] <= nearness[from]
