import { create } from 'zustand'
import { t } from '../language/language.ts'
import type { Dataset, DatasetDetails, DatasetPicture, DatasetQuery, ModelInfo, PictureWords } from './api.ts'
import { engine, useEngine } from './engine.ts'
import { type Failure, failureOf } from './problem.ts'
import { say, sayFailure, warn } from './toasts.ts'

export type Show = NonNullable<DatasetQuery['show']>

/** What the Teach room shows of the data sets; they themselves are the engine's. */
export interface TeachState {
  /** Id of the data set that is open. */
  readonly chosen?: string
  /** The path that is typed to be added. */
  readonly path: string
  readonly adding: boolean
  /** Why the last folder was not added. */
  readonly failure?: Failure
  readonly show: Show
  /** Whether pictures are shown as a model sees them, or whole. */
  readonly view: 'seen' | 'yours'
  /** How large pictures are to the model. */
  readonly sizes: Sizes
  readonly pictures: readonly DatasetPicture[]
  readonly total: number
  readonly details?: DatasetDetails
  /** Number of the picture that is looked at. */
  readonly selected?: number
  /** Numbers of the pictures that are changed together; one alone is the one that is looked at. */
  readonly picked: readonly number[]
}

/** What the sizes of the pictures follow from. */
export type Sizes = Required<Pick<DatasetQuery, 'resolution' | 'multiple'>> & Pick<DatasetQuery, 'size'>

export const useTeach = create<TeachState>()(() => ({
  path: '',
  adding: false,
  show: 'all',
  view: 'seen',
  sizes: { resolution: 512, multiple: 8 },
  picked: [],
  pictures: [],
  total: 0,
}))

const PAGE = 200

/** The newest that is not of class images alone: those are there to be looked at. */
const ownOf = (list: readonly Dataset[]): Dataset | undefined =>
  list.findLast(({ pictures, classImages }) => classImages === 0 || classImages < pictures) ?? list.at(-1)

/** Reads all data sets; opens the newest where none is open. */
export async function readDatasets(): Promise<void> {
  const list = await (await engine()).datasets.list()
  useEngine.setState({ datasets: Object.fromEntries(list.map(dataset => [dataset.id, dataset])) })
  const { chosen } = useTeach.getState()
  if (chosen === undefined || !list.some(({ id }) => id === chosen)) openDataset(ownOf(list)?.id)
}

export function openDataset(id: string | undefined): void {
  useTeach.setState({
    ...{ chosen: id, show: 'all', pictures: [], total: 0, details: undefined, selected: undefined, picked: [] },
  })
  void readPictures()
}

export function showOnly(show: Show): void {
  useTeach.setState({ show, selected: undefined, picked: [] })
  void readPictures()
}

/** Shows the pictures as a model sees them: about as large as it draws; one of pixels knows its own size alone. */
export function seeAs({ defaults: { width, height }, kind, sizeMultiple: multiple }: ModelInfo): void {
  const resolution = Math.round(Math.sqrt(width * height))
  const sizes = { resolution, multiple, ...(kind !== 'checkpoint' && { size: { width, height } }) }
  if (JSON.stringify(useTeach.getState().sizes) === JSON.stringify(sizes)) return
  useTeach.setState({ sizes })
  void readPictures()
}

/** How a picture is picked: it alone, joining or leaving the others, or with all from where the range began. */
export type Picking = 'alone' | 'with' | 'up to'

/** Picks a picture, and looks at it. */
export const pick = (number: number, how: Picking = 'alone'): void =>
  useTeach.setState(state => afterPick(state, number, how))

/** What is picked, and looked at, after a picture was picked. */
export function afterPick(
  { pictures, selected, picked }: Pick<TeachState, 'pictures' | 'selected' | 'picked'>,
  number: number,
  how: Picking,
): Pick<TeachState, 'selected' | 'picked'> {
  if (how === 'alone') return { selected: number, picked: [number] }
  if (how === 'with') {
    const others = picked.filter(each => each !== number)
    const next = others.length === picked.length ? [...picked, number] : others
    return { picked: next, selected: next.includes(number) ? number : next.at(-1) }
  }
  // A range began at the first that was picked.
  const [first = number] = picked.length > 0 ? picked : [selected]
  const place = (wanted: number) => pictures.findIndex(each => each.number === wanted)
  const [a, b] = [place(first), place(number)].sort((x, y) => x - y)
  const range = pictures.slice(Math.max(a, 0), b + 1).map(each => each.number)
  return { selected: number, picked: [first, ...range.filter(each => each !== first)] }
}

export const pickAll = (): void =>
  useTeach.setState(({ pictures, selected }) => ({
    picked: pictures.map(({ number }) => number),
    selected: selected ?? pictures[0]?.number,
  }))

export const pickNone = (): void => useTeach.setState({ selected: undefined, picked: [] })

/** Reads anew what is shown of the open data set, as many pictures as were read before. */
export async function readPictures(): Promise<void> {
  const { chosen: id, show, sizes, pictures } = useTeach.getState()
  if (id === undefined) return
  const limit = Math.min(500, Math.max(PAGE, pictures.length))
  try {
    const { datasets } = await engine()
    const query = { id, show, ...sizes, limit }
    const [page, details] = await Promise.all([datasets.pictures(query), datasets.details(query)])
    if (isCurrent(id, show)) useTeach.setState({ ...page, details })
  } catch (error) {
    // It may have been removed meanwhile.
    if (isCurrent(id, show)) sayFailure(error)
  }
}

let reading = false

/** Reads the next page, if there is one. */
export async function readMorePictures(): Promise<void> {
  const { chosen: id, show, sizes, pictures, total } = useTeach.getState()
  if (reading || id === undefined || pictures.length >= total) return
  reading = true
  try {
    const query = { id, show, ...sizes, offset: pictures.length, limit: PAGE }
    const page = await (await engine()).datasets.pictures(query)
    if (isCurrent(id, show)) useTeach.setState({ pictures: [...pictures, ...page.pictures], total: page.total })
  } finally {
    reading = false
  }
}

function isCurrent(id: string, show: Show): boolean {
  const now = useTeach.getState()
  return now.chosen === id && now.show === show
}

/** Makes a data set of a folder and opens it. */
export async function addFolder(folder: string): Promise<void> {
  useTeach.setState({ adding: true, failure: undefined })
  try {
    const dataset = await (await engine()).datasets.create({ folder })
    useEngine.setState(({ datasets }) => ({ datasets: { ...datasets, [dataset.id]: dataset } }))
    useTeach.setState({ path: '' })
    openDataset(dataset.id)
  } catch (error) {
    useTeach.setState({ failure: failureOf(error) })
  } finally {
    useTeach.setState({ adding: false })
  }
}

/** Makes a data set of a folder that was dropped. */
export async function addDropped([first]: readonly File[]): Promise<void> {
  const path = first && window.sfumato?.pathForFile?.(first)
  if (path) await addFolder(path)
  else if (first) warn(t('A browser does not say where files lie: give the path of the folder.'))
}

type Marks = Partial<Pick<DatasetPicture, 'caption' | 'isClassImage' | 'mayFlip' | 'isLeftOut'>>

/** Changes what a person says of pictures; it is seen at once. */
export async function changePictures(
  numbers: readonly number[],
  { crop, ...marks }: Marks & { readonly crop?: DatasetPicture['crop'] | null },
): Promise<void> {
  const { chosen: id } = useTeach.getState()
  if (id === undefined) return
  const change = { ...marks, ...(crop !== undefined && { crop: crop ?? undefined }) }
  useTeach.setState(({ pictures }) => ({
    pictures: pictures.map(each => (numbers.includes(each.number) ? { ...each, ...change } : each)),
  }))
  await asked(async () => {
    const given = { ...marks, ...(crop !== undefined && { crop }) }
    await (await engine()).datasets.change({ id, pictures: [...numbers], ...given })
  })
}

/** Leaves out all but the first of pictures that show the same. */
export async function leaveOutCopies(): Promise<void> {
  const copies = useTeach.getState().details?.duplicates.flatMap(group => group.slice(1)) ?? []
  await changePictures(copies, { isLeftOut: true })
  say(copies.length === 1 ? t('1 copy is left out.') : t('{count} copies are left out.', { count: copies.length }), {
    label: 'Undo',
    run: () => void changePictures(copies, { isLeftOut: false }),
  })
}

/** What is done to tags: one comes first, goes, or becomes another. */
export interface TagEdit {
  readonly addFirst?: string[]
  readonly remove?: string[]
  readonly replace?: { from: string; to: string }[]
}

/** Edits the tags of captions; that can be undone. */
export const editTags = (pictures: 'all' | readonly number[], edit: TagEdit): Promise<void> =>
  asked(async () => {
    const { chosen: id } = useTeach.getState()
    if (id === undefined) return
    const chosen = pictures === 'all' ? pictures : [...pictures]
    const { changed, before } = await (await engine()).datasets.editTags({ id, pictures: chosen, ...edit })
    if (changed === 0) return say(t('No caption says that.'))
    say(changed === 1 ? t('1 caption changed.') : t('{changed} captions changed.', { changed }), {
      label: 'Undo',
      run: () => void putWordsBack(id, before),
    })
  })

const putWordsBack = (id: string, words: PictureWords[]): Promise<void> =>
  asked(async () => void (await (await engine()).datasets.putWordsBack({ id, words })))

export const lookAgain = (id: string): Promise<void> =>
  asked(async () => void (await (await engine()).datasets.lookAgain({ id })))

export const stopLooking = (id: string): Promise<void> =>
  asked(async () => void (await (await engine()).datasets.cancel({ id })))

/** Forgets a data set; its files stay. */
export const forgetDataset = (id: string): Promise<void> =>
  asked(async () => {
    await (await engine()).datasets.remove({ ids: [id] })
    openDataset(undefined)
    await readDatasets()
  })

async function asked(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    sayFailure(error)
  }
  await readPictures()
}
