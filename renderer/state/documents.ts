import { editBetween, type StudioDocument } from '../../app/api/documents.ts'
import { change, newDocument, settled } from '../canvas/actions/edits.ts'
import { t } from '../language/language.ts'
import type { DocumentInfo, DocumentVersion } from './api.ts'
import { openDocument, useDocument } from './document.ts'
import { engine } from './engine.ts'
import { useStudio } from './studio.ts'
import { say, sayFailure } from './toasts.ts'

/** What is done with documents as wholes: opened, named, copied, put away, and their kept states. */

/** Documents that are not in the trash, the one that was changed last first. */
export const recentFirst = (documents: Readonly<Record<string, DocumentInfo>>): readonly DocumentInfo[] =>
  Object.values(documents)
    .filter(({ trashedAt }) => trashedAt === undefined)
    .sort((a, b) => b.changedAt - a.changedAt)

const openId = (): string | undefined => useDocument.getState().document?.id

/** Resolves when all that was done to the open document is on the disk. @throws Error with the reason where it cannot be saved */
async function whenSaved(): Promise<void> {
  await settled()
  await new Promise<void>((resolve, reject) => {
    let stop = () => {}
    const look = () => {
      const { saveState } = useDocument.getState()
      if (saveState.is === 'saving' || (saveState.is === 'not saved' && !saveState.isFinal)) return
      stop()
      if (saveState.is === 'saved') resolve()
      else reject(new Error(saveState.reason.message))
    }
    stop = useDocument.subscribe(look)
    look()
  })
}

/** What a person asked for; what goes wrong is said. Returns whether it was done. */
async function asked(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    sayFailure(error)
    return false
  }
}

async function enter(id: string): Promise<void> {
  await settled()
  await openDocument(id)
  const { failure } = useDocument.getState()
  if (failure !== undefined) throw failure
  // What was accepted belongs to the document before.
  useStudio.setState(({ draft }) => ({ draft: { ...draft, accepted: undefined } }))
}

/** Opens a document in place of the present one, which is saved in the background. */
export const switchDocument = (id: string): Promise<boolean> => asked(() => enter(id))

/** Gives a document another name; of the open one it is a step of undo. */
export const renameDocument = (id: string, name: string): Promise<boolean> =>
  asked(async () => {
    if (id === openId()) await change({ label: 'Rename', changes: [{ type: 'set-document', fields: { name } }] })
    else await (await engine()).documents.rename({ id, name })
  })

/** Makes a copy of a document, or of one of its kept states, and opens it. */
export const duplicateDocument = (id: string, version?: string): Promise<boolean> =>
  asked(async () => {
    if (id === openId()) await whenSaved()
    const copy = await (await engine()).documents.duplicate({ id, version })
    await enter(copy.id)
  })

/** Moves a document to the trash; the toast brings it back, and opens it again where it was open. */
export const trashDocument = ({ id, name }: Pick<DocumentInfo, 'id' | 'name'>): Promise<boolean> =>
  asked(async () => {
    const wasOpen = id === openId()
    if (wasOpen) {
      await whenSaved()
      await newDocument()
    }
    const api = await engine()
    await api.documents.trash({ ids: [id] })
    const restore = async () => {
      await api.documents.restore({ ids: [id] })
      if (wasOpen) await enter(id)
    }
    say(t('“{name}” is in the trash.', { name }), { label: 'Undo', run: () => void asked(restore) })
  })

// ---- Kept states -------------------------------------------------------------------------------------------------------

export const versionsOf = async (id: string): Promise<readonly DocumentVersion[]> =>
  await (await engine()).documents.versions({ id })

/** Keeps the document as it is now under a name. */
export const keepVersion = (id: string, name: string): Promise<boolean> =>
  asked(async () => {
    if (id === openId()) await whenSaved()
    await (await engine()).documents.keepVersion({ id, name })
  })

/** What a document was. */
export const versionNow = async (id: string, version: string): Promise<StudioDocument> =>
  await (await engine()).documents.version({ id, version })

/** Makes the document what it was; undo takes it back. */
export const returnTo = (id: string, { id: version, name }: Pick<DocumentVersion, 'id' | 'name'>): Promise<boolean> =>
  asked(async () => {
    if (id !== openId()) await enter(id)
    const before = await versionNow(id, version)
    await settled()
    const { document } = useDocument.getState()
    if (document?.id === id)
      await change(editBetween(document, { ...before, name: document.name }, `Return to ${name}`))
  })
