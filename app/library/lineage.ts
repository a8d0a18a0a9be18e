import { z } from 'zod'
import type { Images } from './images.ts'
import { differenceOf, RecipeDifference } from './recipe/difference.ts'
import { Image } from './records.ts'
import type { Store } from './store.ts'

/** A picture in the family of another one. */
export const LineageNode = z.object({
  /** SHA-256 of the file; its pixels are at `blob/<hash>`. */
  hash: z.string(),
  /** Of the library: the picture. */
  image: Image.optional(),
  /** What it is: a picture of the library; a part of a canvas; a file that a person gave; or a picture that is gone. */
  kind: z.enum(['picture', 'canvas', 'file', 'gone']),
  /** Hashes of those nodes that it was made from. */
  parents: z.array(z.string()),
  /** What was done otherwise than in the (first) picture of the library that it was made from. */
  difference: RecipeDifference.optional(),
})
export type LineageNode = z.infer<typeof LineageNode>

/** Pictures of a family, at most: what is further away is left out. */
const most = 60

/** Which picture was made from which. */
export class Lineage {
  readonly #store: Store
  readonly #images: Images

  constructor(store: Store, images: Images) {
    this.#store = store
    this.#images = images
  }

  /** The picture, those that it was made from, what came from its parents, and what came from it.
   *  @param depth generations up and down  @returns parents before their children  @throws Problem IMAGE_UNKNOWN */
  around(id: string, depth = 6): LineageNode[] {
    const own = this.#images.get(id)
    const known = new Map<string, Image>([[own.hash, own]])
    const above = this.#walk([own.hash], depth, hash => this.#parents(hash, known))
    const beside = this.#parents(own.hash, known).flatMap(hash => this.#children(hash))
    const below = this.#walk([own.hash], depth, hash => this.#children(hash))
    const hashes = [...new Set([...above.toReversed(), own.hash, ...below, ...beside])].slice(0, most)
    const family = new Set([...hashes, own.hash])
    return inOrder([...family].map(hash => this.#node(hash, known, family)))
  }

  #walk(from: string[], depth: number, next: (hash: string) => string[]): string[] {
    const found = new Set<string>()
    let edge = from
    for (let generation = 0; generation < depth && edge.length > 0 && found.size < most; generation++) {
      edge = [...new Set(edge.flatMap(next))].filter(hash => !found.has(hash) && !from.includes(hash))
      for (const hash of edge) found.add(hash)
    }
    return [...found]
  }

  #node(hash: string, known: Map<string, Image>, family: ReadonlySet<string>): LineageNode {
    const image = this.#picture(hash, known)
    const parents = this.#parents(hash, known)
    const node = { hash, parents: parents.filter(parent => family.has(parent)) }
    if (image === undefined) return { ...node, kind: this.#kept(hash) }
    const before = this.#recipeBefore(parents, known)
    return {
      ...node,
      ...{ image, kind: 'picture' as const },
      ...(image.recipe && { difference: differenceOf(before, image.recipe) }),
    }
  }

  /** The recipe of the first picture of the library that stands above, behind what was kept of a canvas. */
  #recipeBefore(parents: readonly string[], known: Map<string, Image>) {
    for (const hash of parents) {
      const behind = [hash, ...this.#parents(hash, known)]
      const found = behind.map(each => this.#picture(each, known)?.recipe).find(recipe => recipe !== undefined)
      if (found) return found
    }
    return undefined
  }

  #picture(hash: string, known: Map<string, Image>): Image | undefined {
    const last = known.get(hash)
    if (last) return last
    const row = this.#store.get<{ id: string }>(
      'SELECT id FROM images WHERE hash = ? ORDER BY trashedAt IS NOT NULL, createdAt LIMIT 1',
      [hash],
    )
    const image = row && this.#images.get(row.id)
    if (image) known.set(hash, image)
    return image
  }

  #kept(hash: string): 'canvas' | 'file' | 'gone' {
    const row = this.#store.get<{ isCanvas: number }>('SELECT isCanvas FROM keptPictures WHERE hash = ?', [hash])
    if (row === undefined) return 'gone'
    return row.isCanvas === 1 ? 'canvas' : 'file'
  }

  /** Hashes of what a picture was made from; masks say where, not from what. */
  #parents(hash: string, known: Map<string, Image>): string[] {
    const recipe = this.#picture(hash, known)?.recipe
    if (recipe) {
      const marks = JSON.stringify([recipe.parameters.mask, recipe.parameters.regions])
      return recipe.parents.filter(parent => !marks.includes(parent))
    }
    return this.#store
      .all<{ hash: string }>(
        'SELECT DISTINCT images.hash FROM keptSources JOIN images ON number = image WHERE kept = ? ORDER BY number',
        [hash],
      )
      .map(row => row.hash)
  }

  /** Hashes of what was made from a picture, latest first: pictures that are not in the trash, and what was kept of a canvas for them. */
  #children(hash: string): string[] {
    const made = this.#store.all<{ hash: string }>(
      `SELECT images.hash FROM parents JOIN images ON number = parents.image
       WHERE parents.hash = ? AND trashedAt IS NULL ORDER BY createdAt DESC LIMIT ${most}`,
      [hash],
    )
    const kept = this.#store.all<{ hash: string }>(
      `SELECT kept AS hash FROM keptSources WHERE image IN (SELECT number FROM images WHERE hash = ?)
       AND EXISTS (SELECT 1 FROM parents JOIN images ON number = parents.image WHERE parents.hash = kept AND trashedAt IS NULL)
       LIMIT ${most}`,
      [hash],
    )
    return [...made, ...kept].map(row => row.hash).filter(child => child !== hash)
  }
}

/** Parents before their children; what is in a circle stays where it is. */
function inOrder(nodes: readonly LineageNode[]): LineageNode[] {
  const left = new Map(nodes.map(node => [node.hash, node]))
  const ordered: LineageNode[] = []
  while (left.size > 0) {
    const [first] = left.values()
    const free = [...left.values()].filter(({ parents }) => !parents.some(parent => left.has(parent)))
    for (const node of free.length > 0 ? free : first ? [first] : []) {
      left.delete(node.hash)
      ordered.push(node)
    }
  }
  return ordered
}
