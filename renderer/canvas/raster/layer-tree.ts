import type { BlendMode, Layer, LayerKind } from '../../../app/api/documents.ts'

/** A layer with what it holds, in paint order. */
export interface Branch {
  readonly layer: Layer
  readonly children: readonly Branch[]
}

/** Kinds whose pixels are part of the picture. The others steer what is drawn, and lie over it as marks. */
const PICTURE: readonly LayerKind[] = ['image', 'paint', 'text', 'shape', 'group']
export const isPicture = ({ kind }: Pick<Layer, 'kind'>): boolean => PICTURE.includes(kind)

/** The flat list of a document as a tree, lowest first. Children of a group that is not there stand at the top. */
export function treeOf(layers: readonly Layer[]): readonly Branch[] {
  const groups = new Set(layers.filter(({ kind }) => kind === 'group').map(({ id }) => id))
  const within = (parent: string | null): Branch[] =>
    layers
      .filter(layer => (layer.parent !== null && groups.has(layer.parent) ? layer.parent : null) === parent)
      .map(layer => ({ layer, children: layer.kind === 'group' ? within(layer.id) : [] }))
  return within(null)
}

/** What of the tree is part of the picture and can be seen. */
export function visible(branches: readonly Branch[]): readonly Branch[] {
  return branches
    .filter(({ layer }) => layer.isVisible && layer.opacity > 0 && isPicture(layer))
    .map(({ layer, children }) => ({ layer, children: visible(children) }))
}

/** Where the active layer lies: at each depth, what is drawn before it, the branch that holds it, and what is drawn after it. */
export interface Cut {
  readonly below: readonly Branch[]
  readonly branch: Branch
  readonly above: readonly Branch[]
}

/** The way from the top down to a layer; empty when the tree does not hold it. */
export function wayTo(branches: readonly Branch[], id: string | undefined): readonly Cut[] {
  for (const [index, branch] of branches.entries()) {
    const cut = { below: branches.slice(0, index), branch, above: branches.slice(index + 1) }
    if (branch.layer.id === id) return [cut]
    const deeper = wayTo(branch.children, id)
    if (deeper.length > 0) return [cut, ...deeper]
  }
  return []
}

/** Runs of branches that can be drawn as one picture: layers of normal blending join what is over them into one, another blend
 *  depends on what lies below and stands alone. */
export function runs(branches: readonly Branch[]): readonly (readonly Branch[])[] {
  const result: Branch[][] = []
  for (const branch of branches) {
    const last = result.at(-1)
    const joins = branch.layer.blend === 'normal' && last !== undefined && last[0]?.layer.blend === 'normal'
    if (joins) last.push(branch)
    else result.push([branch])
  }
  return result
}

/** A canvas's name of a blend mode. */
export const operationOf = (blend: BlendMode): GlobalCompositeOperation => (blend === 'normal' ? 'source-over' : blend)
