import type { Image, LineageNode } from '../../app/api/contract.ts'

/** The family of a stand-in's picture: what its recipe names as parents, and what names it. */
export function standInLineage(image: Image, images: ReadonlyMap<string, Image>): LineageNode[] {
  const all = [...images.values()]
  const above = all.filter(({ hash, id }) => id !== image.id && image.recipe?.parents.includes(hash)).slice(0, 1)
  const below = all.filter(({ id, recipe }) => id !== image.id && recipe?.parents.includes(image.hash))
  return [...above, image, ...below].map((each, k) => ({
    ...{ hash: each.hash, image: each, kind: 'picture' as const },
    parents: k === 0 ? [] : [k <= above.length ? (above[0]?.hash ?? '') : image.hash],
    difference: {
      title: k === 0 ? 'Created from words' : 'Variation',
      details: [{ label: 'seed', to: each.recipe?.seed ?? '', isChanged: k > 0 }],
    },
  }))
}
