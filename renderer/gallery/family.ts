import type { LineageNode } from '../state/api.ts'

/** A line of the family: its picture, and whether it stands on the trunk that leads to the selected one or on a branch. */
export interface FamilyRow {
  readonly node: LineageNode
  readonly isBranch: boolean
}

/** The family from its oldest picture down. The trunk leads through the first parent of each to the selected one and through the
 *  first child of each on; all others are branches, each behind what it was made from.
 *  @param nodes parents before their children  @param selected hash of the picture that is looked at */
export function familyRows(nodes: readonly LineageNode[], selected: string): FamilyRow[] {
  const byHash = new Map(nodes.map(node => [node.hash, node]))
  const trunk = new Set<string>()
  for (let at = byHash.get(selected); at !== undefined && !trunk.has(at.hash); at = byHash.get(at.parents[0] ?? '')) {
    trunk.add(at.hash)
  }
  const childrenOf = (hash: string) => nodes.filter(({ parents }) => parents.includes(hash))
  for (let [at] = childrenOf(selected); at !== undefined && !trunk.has(at.hash); [at] = childrenOf(at.hash)) {
    trunk.add(at.hash)
  }
  const rows: FamilyRow[] = []
  const seen = new Set<string>()
  const visit = (node: LineageNode) => {
    if (seen.has(node.hash)) return
    seen.add(node.hash)
    rows.push({ node, isBranch: !trunk.has(node.hash) })
    const children = childrenOf(node.hash)
    // What leads away is told before the trunk goes on.
    for (const child of children.toSorted((a, b) => Number(trunk.has(a.hash)) - Number(trunk.has(b.hash)))) visit(child)
  }
  for (const node of nodes) if (!node.parents.some(parent => byHash.has(parent))) visit(node)
  for (const node of nodes) visit(node)
  return rows
}
