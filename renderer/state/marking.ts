import { t } from '../language/language.ts'
import type { Image } from './api.ts'
import { engine } from './engine.ts'
import { openShelf, refreshGallery, useGallery } from './gallery.ts'
import { readShelves, useShelves } from './shelves.ts'
import { say, sayFailure } from './toasts.ts'

/** What a person writes on pictures: ratings, tags, boards. Everything is shown at once, and can be taken back. */

function change(ids: readonly string[], changed: (image: Image) => Image): void {
  useGallery.setState(({ images, beside }) => ({
    images: images.map(image => (ids.includes(image.id) ? changed(image) : image)),
    ...(beside !== undefined && ids.includes(beside.id) && { beside: changed(beside) }),
  }))
}

const known = (ids: readonly string[]): Image[] => {
  const { images, beside } = useGallery.getState()
  return [...images, ...(beside === undefined ? [] : [beside])].filter(({ id }) => ids.includes(id))
}

/** Does it; where that fails, the pictures are read as they are. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    sayFailure(error)
    await refreshGallery()
  }
  await readShelves()
}

/** @param rating 1 to 5, or 0 for none */
export async function rate(ids: readonly string[], rating: number): Promise<void> {
  const before = Map.groupBy(known(ids), image => image.rating ?? 0)
  const put = async (given: readonly string[], value: number) => {
    change(given, image => ({ ...image, rating: value === 0 ? undefined : value }))
    await (await engine()).images.rate({ ids: [...given], rating: value })
  }
  const undo = async () => {
    for (const [value, images] of before)
      await put(
        images.map(({ id }) => id),
        value,
      )
  }
  await attempt(async () => {
    await put(ids, rating)
    if (ids.length < 2) return
    const line =
      rating === 0
        ? t('{count} pictures without a rating.', { count: ids.length })
        : t('{count} pictures rated {rating}.', { count: ids.length, rating })
    say(line, { label: 'Undo', run: () => void attempt(undo) })
  })
}

const sameTag = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Adds a tag to pictures, or takes it away; undo leaves those alone that had it before. */
export async function tag(ids: readonly string[], word: string, adds: boolean): Promise<void> {
  const name = word.trim().replaceAll(/\s+/g, ' ')
  const has = ({ tags = [] }: Image) => tags.some(each => sameTag(each, name))
  const concerned = known(ids).filter(image => has(image) !== adds)
  const given = concerned.map(({ id }) => id)
  if (name === '' || given.length === 0) return
  const put = async (isThere: boolean) => {
    change(given, image => {
      const others = (image.tags ?? []).filter(each => !sameTag(each, name))
      const tags = isThere ? [...others, name].toSorted((a, b) => a.localeCompare(b)) : others
      return { ...image, tags: tags.length === 0 ? undefined : tags }
    })
    await (await engine()).images.tag({ ids: given, add: isThere ? [name] : [], remove: isThere ? [] : [name] })
  }
  await attempt(async () => {
    await put(adds)
    const line = adds
      ? t('“{name}” is on {count} pictures.', { name, count: given.length })
      : t('“{name}” is off {count} pictures.', { name, count: given.length })
    say(line, { label: 'Undo', run: () => void attempt(() => put(!adds)) })
  })
}

/** Puts pictures on a board, or takes them off it. */
export async function board(id: string, images: readonly string[], adds: boolean): Promise<void> {
  const { name = '', images: before = 0 } = useShelves.getState().boards.find(each => each.id === id) ?? {}
  await attempt(async () => {
    const api = await engine()
    const put = async (isThere: boolean) => {
      const after = await (isThere ? api.boards.add : api.boards.take)({ id, images: [...images] })
      if (useGallery.getState().board === id) await refreshGallery()
      return after
    }
    const changed = Math.abs((await put(adds)).images - before)
    if (changed === 0)
      return say(adds ? t('{name} holds these already.', { name }) : t('{name} does not hold these.', { name }))
    // Which of several were there before is not known here: what undo would do must be exact.
    const action =
      changed === images.length
        ? { label: 'Undo', run: () => void attempt(async () => void (await put(!adds))) }
        : undefined
    say(
      adds
        ? t('{count} pictures put on {name}.', { count: changed, name })
        : t('{count} pictures taken off {name}.', { count: changed, name }),
      action,
    )
  })
}

/** Makes a board and puts pictures on it. */
export async function makeBoard(name: string, images: readonly string[] = []): Promise<void> {
  await attempt(async () => {
    const api = await engine()
    const { id } = await api.boards.create({ name })
    if (images.length > 0) await api.boards.add({ id, images: [...images] })
    say(t('{name} is a board now.', { name }), { label: 'Undo', run: () => void removeBoard(id) })
  })
}

export async function renameBoard(id: string, name: string): Promise<void> {
  await attempt(async () => void (await (await engine()).boards.rename({ id, name })))
}

/** Its pictures stay. They can be put on a new one of the same name again. */
export async function removeBoard(id: string): Promise<void> {
  const { name } = useShelves.getState().boards.find(each => each.id === id) ?? {}
  await attempt(async () => {
    const api = await engine()
    const ids = await imagesOf(id)
    await api.boards.remove({ id })
    if (useGallery.getState().board === id) openShelf('all')
    if (name === undefined) return
    say(t('{name} is no board any more; its pictures stay.', { name }), {
      label: 'Undo',
      run: () => void makeBoard(name, ids),
    })
  })
}

async function imagesOf(board: string): Promise<string[]> {
  const api = await engine()
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await api.images.list({ board, limit: 500, ...(cursor !== undefined && { cursor }) })
    ids.push(...page.images.map(({ id }) => id))
    cursor = page.next
  } while (cursor !== undefined)
  return ids
}
