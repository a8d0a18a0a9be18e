import { create } from 'zustand'
import type { DatasetDetails, DatasetPicture, DatasetQuery } from './api.ts'
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
  /** Side of the square with the area that pictures are brought to, in pixels. */
  readonly resolution: number
  readonly pictures: readonly DatasetPicture[]
  readonly total: number
  readonly details?: DatasetDetails
  /** Number of the picture that is looked at. */
  readonly selected?: number
}

export const useTeach = create<TeachState>()(() => ({
  path: '',
  adding: false,
  show: 'all',
  view: 'seen',
  resolution: 512,
  pictures: [],
  total: 0,
}))

const PAGE = 200

/** Reads all data sets; opens the newest where none is open. */
export async function readDatasets(): Promise<void> {
  const list = await (await engine()).datasets.list()
  useEngine.setState({ datasets: Object.fromEntries(list.map(dataset => [dataset.id, dataset])) })
  const { chosen } = useTeach.getState()
  if (chosen === undefined || !list.some(({ id }) => id === chosen)) openDataset(list.at(-1)?.id)
}

export function openDataset(id: string | undefined): void {
  useTeach.setState({
    ...{ chosen: id, show: 'all', pictures: [], total: 0, details: undefined, selected: undefined },
  })
  void readPictures()
}

export function showOnly(show: Show): void {
  useTeach.setState({ show, selected: undefined })
  void readPictures()
}

export function setResolution(resolution: number): void {
  if (useTeach.getState().resolution === resolution) return
  useTeach.setState({ resolution })
  void readPictures()
}

/** Reads anew what is shown of the open data set, as many pictures as were read before. */
export async function readPictures(): Promise<void> {
  const { chosen: id, show, resolution, pictures } = useTeach.getState()
  if (id === undefined) return
  const limit = Math.min(500, Math.max(PAGE, pictures.length))
  try {
    const { datasets } = await engine()
    const query = { id, show, resolution, limit }
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
  const { chosen: id, show, resolution, pictures, total } = useTeach.getState()
  if (reading || id === undefined || pictures.length >= total) return
  reading = true
  try {
    const query = { id, show, resolution, offset: pictures.length, limit: PAGE }
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
  else if (first) warn('A browser does not say where files lie: give the path of the folder.')
}

/** Changes what a person says of a picture; it is seen at once. */
export async function changePicture(
  number: number,
  change: Partial<Pick<DatasetPicture, 'caption' | 'isClassImage' | 'mayFlip' | 'isLeftOut'>>,
): Promise<void> {
  const { chosen: id } = useTeach.getState()
  if (id === undefined) return
  useTeach.setState(({ pictures }) => ({
    pictures: pictures.map(each => (each.number === number ? { ...each, ...change } : each)),
  }))
  await asked(async () => {
    await (await engine()).datasets.change({ id, pictures: [number], ...change })
  })
}

/** Leaves out all but the first of pictures that show the same. */
export const leaveOutCopies = (): Promise<void> =>
  asked(async () => {
    const { chosen: id, details } = useTeach.getState()
    if (id === undefined || details === undefined) return
    const pictures = details.duplicates.flatMap(group => group.slice(1))
    await (await engine()).datasets.change({ id, pictures, isLeftOut: true })
    say(pictures.length === 1 ? '1 copy is left out.' : `${pictures.length} copies are left out.`)
  })

/** Edits the tags of all captions. */
export const editAllTags = (edit: { addFirst?: string[]; remove?: string[] }): Promise<void> =>
  asked(async () => {
    const { chosen: id } = useTeach.getState()
    if (id === undefined) return
    const { changed } = await (await engine()).datasets.editTags({ id, pictures: 'all', ...edit })
    say(changed === 1 ? '1 caption changed.' : `${changed} captions changed.`)
  })

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
