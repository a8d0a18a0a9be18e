import type { Edit, StudioDocument } from '../../../app/api/documents.ts'
import { t } from '../../language/language.ts'
import { closeDocument, createDocument, edit, redo, type TileBytes, undo, useDocument } from '../../state/document.ts'
import { keepsSteps, note, useHistory } from '../../state/history.ts'
import { dropCancelled } from '../../state/runs.ts'
import { useStudio } from '../../state/studio.ts'
import { useCanvas } from './canvas-state.ts'

/** Edits of the open document in the order in which the hand made them: some need time, because their tiles are encoded first. */

let line: Promise<unknown> = Promise.resolve()

function inOrder(work: () => Promise<void>): Promise<void> {
  const result = line.then(work)
  line = result.catch(() => undefined)
  return result
}

/** Resolves when nothing is on its way into the document. */
export const settled = async () => void (await line)

export interface Made {
  readonly edit: Edit
  readonly tiles?: TileBytes
}

/** What has no document yet: its layers come with the first edit. */
export const noDocument: StudioDocument = {
  id: '',
  name: 'Untitled',
  width: 0,
  height: 0,
  frame: { x: 0, y: 0, width: 0, height: 0 },
  layers: [],
}

/** The document as it is kept. */
export const keptDocument = (): StudioDocument => useDocument.getState().document ?? noDocument

/** Applies an edit; undo takes it back as a whole. */
export const change = (edit: Edit): Promise<void> => changeLater(async () => ({ edit }))

/** Applies an edit that needs time. It is a step of undo from now on, and what comes after it waits. Where there is no document,
 *  one is made for it. */
export async function changeLater(make: () => Promise<Made>): Promise<void> {
  note('document')
  await inOrder(async () => {
    const { edit: made, tiles } = await make()
    if (useDocument.getState().document === undefined) await open(made)
    edit(made, tiles)
  })
}

async function open(first: Edit): Promise<void> {
  await createDocument(firstDocument(first))
  const { document, failure } = useDocument.getState()
  if (document === undefined) throw new Error(failure?.message ?? 'There is no document to paint on.')
}

/** A document as large as its first edit says. */
function firstDocument({ changes }: Edit): Pick<StudioDocument, 'name' | 'width' | 'height' | 'frame'> {
  const said = changes.find(each => each.type === 'set-document')
  const {
    width = 512,
    height = 512,
    frame = { x: 0, y: 0, width: 512, height: 512 },
    name = t('Untitled'),
  } = said?.fields ?? {}
  return { name, width, height, frame }
}

/** Puts the document away: what is made next begins another one. */
export async function newDocument(): Promise<void> {
  await settled()
  closeDocument()
  useStudio.setState(({ draft }) => ({ draft: { ...draft, accepted: undefined } }))
}

// Undo never reaches into another document.
useDocument.subscribe(({ document }, { document: before }) => {
  if (before === undefined || before.id === document?.id) return
  useHistory.setState({ past: [], future: [] })
  useCanvas.setState(useCanvas.getInitialState())
})

useDocument.subscribe(({ document }, { document: before }) => {
  if (document !== before) dropCancelled()
})

keepsSteps('document', {
  canUndo: () => useDocument.getState().undo !== undefined,
  canRedo: () => useDocument.getState().redo !== undefined,
  undo: () => void settled().then(undo),
  redo: () => void settled().then(redo),
})
