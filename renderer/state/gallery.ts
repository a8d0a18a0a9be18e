import { create } from 'zustand'
import { t } from '../language/language.ts'
import type { Image, StudioEvent } from './api.ts'
import { engine } from './engine.ts'
import { type Failure, failureOf } from './problem.ts'
import { readShelves, tokenOf, useShelves } from './shelves.ts'
import { keep, load } from './storage.ts'
import { say, sayFailure } from './toasts.ts'
import { countWords } from './words.ts'

export type Shelf = 'all' | 'starred' | 'trash'

export interface GalleryState {
  readonly shelf: Shelf
  /** What is being typed. */
  readonly words: string
  /** Operators that were typed to their end, such as `seed:7`. */
  readonly tokens: readonly string[]
  readonly images: readonly Image[]
  readonly next?: string
  readonly total: number
  readonly loading: boolean
  /** Nothing was read yet for this shelf and these words. */
  readonly fresh: boolean
  readonly failure?: Failure
  /** Id of the board that is shown; it is a part of the first shelf. */
  readonly board?: string
  readonly selected: ReadonlySet<string>
  /** A picture that is looked at though the list does not hold it: one of the family. */
  readonly beside?: Image
  /** The picture that others are to be like. */
  readonly likened?: Image
  /** Where the arrow keys are, and where a range began. */
  readonly cursor?: string
  readonly anchor?: string
  /** Side of a thumbnail in pixels. */
  readonly size: number
  readonly previewing: boolean
}

export const SIZE_MINIMUM = 72
export const SIZE_MAXIMUM = 320
export const STANDARD_SIZE = 128
const SIZE_KEY = 'sfumato.gallery.size'
const PAGE = 100
const LARGEST_PAGE = 500

const keptSize = Number(load(SIZE_KEY) ?? Number.NaN)

export const useGallery = create<GalleryState>()(() => ({
  shelf: 'all',
  words: '',
  tokens: [],
  images: [],
  total: 0,
  loading: false,
  fresh: true,
  selected: new Set(),
  size: keptSize >= SIZE_MINIMUM && keptSize <= SIZE_MAXIMUM ? keptSize : STANDARD_SIZE,
  previewing: false,
}))

useGallery.subscribe((now, before) => {
  if (now.size !== before.size) keep(SIZE_KEY, String(now.size))
})

// ---- What is asked ---------------------------------------------------------------------------------------------------

/** `seed:7`, `model:"Sticker World"`, `sampler:ddim` at the end of what is typed, followed by a space, become tokens. */
const OPERATOR = /(?:^|\s)((?:seed|model|sampler|tag|rating|date|after|before|colour|similar):(?:"[^"]+"|[^\s"]+))\s/i

/** Takes finished operators out of the typed words. */
export function splitOperators(words: string): { words: string; tokens: string[] } {
  const match = OPERATOR.exec(words)
  const [whole, token] = match ?? []
  if (match === null || whole === undefined || token === undefined) return { words, tokens: [] }
  const rest = splitOperators(`${words.slice(0, match.index)} ${words.slice(match.index + whole.length)}`.trimStart())
  return { words: rest.words, tokens: [token, ...rest.tokens] }
}

export const searchOf = ({ tokens, words }: Pick<GalleryState, 'tokens' | 'words'>): string =>
  [...tokens, words.trim()].filter(part => part !== '').join(' ')

/** Whether the nearest pictures come first, instead of the newest. */
export const isRanked = ({ tokens }: Pick<GalleryState, 'tokens'>): boolean =>
  tokens.some(token => /^(?:colour|similar):/.test(token))

const queryOf = (state: GalleryState) => ({
  search: searchOf(state),
  trashed: state.shelf === 'trash',
  ...(state.shelf === 'starred' ? { starred: true } : {}),
  ...(state.board === undefined ? {} : { board: state.board }),
})

let asked = 0

/** Reads the first page again, as long as what is shown now, so that scrolling stays where it is. */
export async function refreshGallery(): Promise<void> {
  const turn = ++asked
  useGallery.setState({ loading: true, failure: undefined })
  try {
    const api = await engine()
    const limit = Math.min(LARGEST_PAGE, Math.max(PAGE, useGallery.getState().images.length))
    const page = await api.images.list({ ...queryOf(useGallery.getState()), limit })
    if (turn !== asked) return
    useGallery.setState(state => ({
      images: page.images,
      next: page.next,
      total: page.total ?? page.images.length,
      loading: false,
      fresh: false,
      selected: new Set(
        [...state.selected].filter(id => id === state.beside?.id || page.images.some(image => image.id === id)),
      ),
    }))
    void readShelves()
  } catch (error) {
    if (turn === asked) useGallery.setState({ loading: false, fresh: false, failure: failureOf(error) })
  }
}

/** Reads the next page, when there is one and none is being read. */
export async function readMore(): Promise<void> {
  const state = useGallery.getState()
  if (state.loading || state.next === undefined) return
  const turn = ++asked
  useGallery.setState({ loading: true })
  try {
    const page = await (await engine()).images.list({ ...queryOf(state), limit: PAGE, cursor: state.next })
    if (turn !== asked) return
    useGallery.setState(({ images }) => {
      const known = new Set(images.map(image => image.id))
      const added = page.images.filter(image => !known.has(image.id))
      return { images: [...images, ...added], next: page.next, loading: false }
    })
  } catch (error) {
    if (turn === asked) useGallery.setState({ loading: false, failure: failureOf(error) })
  }
}

const REFRESH_AFTER = 120
let refreshing: ReturnType<typeof setTimeout> | undefined

/** Reads again soon; many reasons within a moment make one reading. */
export function refreshSoon(after = REFRESH_AFTER): void {
  clearTimeout(refreshing)
  refreshing = setTimeout(() => void refreshGallery(), after)
}

export function galleryEvent(event: StudioEvent): void {
  if (event.type === 'looked at') {
    const { done, total } = event
    useShelves.setState(({ facets }) =>
      facets === undefined ? {} : { facets: { ...facets, lookedAt: { done, total } } },
    )
    if (done === total && isRanked(useGallery.getState())) refreshSoon()
  }
  if (event.type === 'images') refreshSoon()
  if (event.type === 'removed') {
    const gone = new Set(event.images)
    if (useGallery.getState().shelf !== 'trash') {
      useGallery.setState(({ images }) => ({ images: images.filter(image => !gone.has(image.id)) }))
    }
    refreshSoon()
  }
}

export function openShelf(shelf: Shelf, board?: string): void {
  useGallery.setState({
    shelf,
    board,
    images: [],
    next: undefined,
    fresh: true,
    selected: new Set(),
    cursor: undefined,
    beside: undefined,
  })
  void refreshGallery()
}

/** What the search field says now. */
export function search(typed: string): void {
  const { words, tokens } = splitOperators(typed)
  useGallery.setState(state => ({ words, tokens: [...new Set([...state.tokens, ...tokens])] }))
  refreshSoon()
}

/** A token comes into the search, or goes if it is there; another one of its kind gives way, unless both are wanted. */
export function toggleToken(token: string, adds = false): void {
  const kind = token.slice(0, token.indexOf(':') + 1)
  useGallery.setState(({ tokens }) => {
    const others = tokens.filter(each => each !== token && (adds || !each.startsWith(kind)))
    return { tokens: tokens.includes(token) ? others : [...others, token] }
  })
  refreshSoon(0)
}

/** Shows what looks like a picture, the nearest first. */
export function findSimilar(image: Image): void {
  useGallery.setState({
    shelf: 'all',
    board: undefined,
    words: '',
    tokens: [tokenOf('similar', image.id)],
    likened: image,
  })
  refreshSoon(0)
}

export function dropToken(token: string): void {
  useGallery.setState(state => ({ tokens: state.tokens.filter(each => each !== token) }))
  refreshSoon(0)
}

export function clearSearch(): void {
  useGallery.setState({ words: '', tokens: [] })
  refreshSoon(0)
}

// ---- Selecting ---------------------------------------------------------------------------------------------------------

export type Picking = 'only' | 'toggle' | 'range'

/** The selection after a click or key on a picture. */
export function picked(state: GalleryState, id: string, how: Picking): GalleryState {
  if (how === 'toggle') {
    const selected = new Set(state.selected)
    if (!selected.delete(id)) selected.add(id)
    return { ...state, selected, cursor: id, anchor: id, beside: undefined }
  }
  const from = state.images.findIndex(image => image.id === (state.anchor ?? state.cursor))
  const to = state.images.findIndex(image => image.id === id)
  if (how === 'range' && from >= 0 && to >= 0) {
    const range = state.images.slice(Math.min(from, to), Math.max(from, to) + 1)
    return { ...state, selected: new Set(range.map(image => image.id)), cursor: id, beside: undefined }
  }
  return { ...state, selected: new Set([id]), cursor: id, anchor: id, beside: undefined }
}

export const pick = (id: string, how: Picking = 'only'): void => useGallery.setState(state => picked(state, id, how))

export const selectedImages = ({ images, selected }: GalleryState): Image[] =>
  images.filter(image => selected.has(image.id))

/** What the panel is about: the selected pictures, or the one of the family that a click led to. */
export const detailedImages = (state: GalleryState): Image[] => {
  const { beside } = state
  return beside === undefined ? selectedImages(state) : [beside]
}

/** Goes to a picture, whether or not the list that is shown holds it. */
export function show(image: Image): void {
  const isListed = useGallery.getState().images.some(({ id }) => id === image.id)
  if (isListed) pick(image.id)
  else useGallery.setState({ beside: image, selected: new Set([image.id]) })
}

// ---- Doing -------------------------------------------------------------------------------------------------------------

/** Takes pictures out of what is shown at once; the picture after them is selected. */
function takeAway(ids: readonly string[]): void {
  const gone = new Set(ids)
  useGallery.setState(state => {
    const last = state.images.findLastIndex(image => gone.has(image.id))
    const images = state.images.filter(image => !gone.has(image.id))
    const next = images[Math.min(images.length - 1, Math.max(0, last + 1 - gone.size))]
    const selected = next === undefined ? new Set<string>() : new Set([next.id])
    return { images, total: Math.max(0, state.total - gone.size), selected, cursor: next?.id, anchor: next?.id }
  })
}

export async function trash(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  takeAway(ids)
  try {
    await (await engine()).images.trash({ ids: [...ids] })
    say(t('{count} moved to the trash.', { count: countWords(ids.length) }), {
      label: 'Undo',
      run: () => void restore(ids, false),
    })
  } catch (error) {
    sayFailure(error)
  }
  refreshSoon()
}

export async function restore(ids: readonly string[], tell = true): Promise<void> {
  if (useGallery.getState().shelf === 'trash') takeAway(ids)
  try {
    await (await engine()).images.restore({ ids: [...ids] })
    if (tell)
      say(t('{count} taken back from the trash.', { count: countWords(ids.length) }), {
        label: 'Undo',
        run: () => void trash(ids),
      })
  } catch (error) {
    sayFailure(error)
  }
  refreshSoon()
}

export async function emptyTrash(): Promise<void> {
  try {
    const { removed } = await (await engine()).images.emptyTrash()
    say(t('{count} deleted for good.', { count: countWords(removed) }))
  } catch (error) {
    sayFailure(error)
  }
  refreshSoon()
}

/** Stars all when any of them is not, else takes the star from all. */
export async function star(ids: readonly string[]): Promise<void> {
  const starred = useGallery.getState().images.some(image => ids.includes(image.id) && !image.starred)
  const mark = (value: boolean) =>
    useGallery.setState(({ images }) => ({
      images: images.map(image => (ids.includes(image.id) ? { ...image, starred: value } : image)),
    }))
  mark(starred)
  try {
    const api = await engine()
    await Promise.all(ids.map(id => api.images.star({ id, starred })))
  } catch (error) {
    mark(!starred)
    sayFailure(error)
  }
  refreshSoon()
}
