import { implement } from '@orpc/server'
import { type Board, contract, type Facets, type Image } from '../../app/api/contract.ts'

/** Ratings and tags of the stand-in's pictures. */
export function standInMarks(images: Map<string, Image>) {
  const os = implement(contract).images
  const change = (ids: readonly string[], changed: (image: Image) => Partial<Image>) => {
    const known = ids.filter(id => images.has(id))
    for (const image of known.flatMap(id => images.get(id) ?? [])) images.set(image.id, { ...image, ...changed(image) })
    return { ids: known }
  }
  return {
    rate: os.rate.handler(({ input: { ids, rating } }) => change(ids, () => ({ rating: rating || undefined }))),
    tag: os.tag.handler(({ input: { ids, add, remove } }) =>
      change(ids, ({ tags = [] }) => {
        const left = [...new Set([...tags, ...add])].filter(tag => !remove.includes(tag)).sort()
        return { tags: left.length === 0 ? undefined : left }
      }),
    ),
    tags: os.tags.handler(() => {
      const all = [...images.values()].flatMap(({ tags = [] }) => tags)
      return [...new Set(all)].map(tag => ({ tag, images: all.filter(each => each === tag).length }))
    }),
  }
}

/** How many pictures of a stand-in there are of each kind. */
export function standInFacets(images: readonly Image[]): Facets {
  const shown = images.filter(({ trashedAt }) => trashedAt === undefined)
  const tags = [...new Set(shown.flatMap(({ tags = [] }) => tags))]
  const rated = (least: number) => shown.filter(({ rating = 0 }) => rating >= least).length
  return {
    all: shown.length,
    starred: shown.filter(({ starred }) => starred).length,
    trash: images.length - shown.length,
    ratings: [5, 4, 3, 2, 1]
      .filter(rating => shown.some(image => image.rating === rating))
      .map(rating => ({ rating, images: rated(rating) })),
    models: shown.length === 0 ? [] : [{ name: 'Sticker World', images: shown.length }],
    tags: tags.map(tag => ({ tag, images: shown.filter(image => image.tags?.includes(tag)).length })),
    months: [],
    lookedAt: { done: 0, total: 0 },
  }
}

/** Boards in memory. */
export function standInBoards() {
  const os = implement(contract).boards
  const boards = new Map<string, Board & { on: ReadonlySet<string> }>()
  const put = (id: string, change: { name?: string; on?: ReadonlySet<string> }): Board => {
    const last = boards.get(id) ?? { id, name: '', createdAt: Date.now(), images: 0, on: new Set<string>() }
    const next = { ...last, ...change }
    boards.set(id, { ...next, images: next.on.size })
    const { on, ...board } = next
    return { ...board, images: on.size }
  }
  const on = (id: string) => boards.get(id)?.on ?? new Set<string>()
  return {
    list: os.list.handler(() => [...boards.values()].map(({ on: _, ...board }) => board)),
    create: os.create.handler(({ input }) => put(`board-${boards.size + 1}`, input)),
    rename: os.rename.handler(({ input: { id, name } }) => put(id, { name })),
    remove: os.remove.handler(({ input }) => {
      boards.delete(input.id)
      return input
    }),
    add: os.add.handler(({ input: { id, images } }) => put(id, { on: new Set([...on(id), ...images]) })),
    take: os.take.handler(({ input: { id, images } }) =>
      put(id, { on: new Set([...on(id)].filter(each => !images.includes(each))) }),
    ),
  }
}
