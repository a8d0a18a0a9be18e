import { implement, ORPCError } from '@orpc/server'
import { contract, type DocumentInfo, type StudioEvent } from '../../app/api/contract.ts'
import {
  applyEdit,
  type Edit,
  editBetween,
  inverseOf,
  type StudioDocument,
  tilesOfEdit,
} from '../../app/api/documents.ts'

interface Shelved {
  info: DocumentInfo
  document: StudioDocument
  place: number
  journal: { edit: Edit; inverse: Edit }[]
  last?: { request?: string; edit: Edit }
}

const refusal = (code: string, message: string) => new ORPCError('BAD_REQUEST', { message, data: { code, message } })

const hashOf = async (tile: Blob): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', await tile.arrayBuffer()))]
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join('')

/** Tiles that were stored, by hash. */
export const standInTiles = new Map<string, Blob>()

/** Documents in memory, with journals and revisions as the engine keeps them. */
export function standInDocuments(tell: (event: StudioEvent) => void) {
  const os = implement(contract).documents
  const shelf = new Map<string, Shelved>()
  const versions: { id: string; of: string; name: string; createdAt: number; document: StudioDocument }[] = []
  const tiles = standInTiles
  let clock = 0

  const known = (id: string): Shelved => {
    const found = shelf.get(id)
    if (found === undefined) throw refusal('DOCUMENT_UNKNOWN', 'This document is not in the library any more.')
    return found
  }
  const told = (shelved: Shelved, change: Partial<DocumentInfo> = {}): DocumentInfo => {
    const { name, width, height } = shelved.document
    shelved.info = { ...shelved.info, name, width, height, changedAt: ++clock, ...change }
    tell({ type: 'document', document: shelved.info })
    return shelved.info
  }
  const stateOf = ({ info, journal, place }: Shelved) => ({
    revision: info.revision,
    ...{ undo: journal[place - 1]?.edit.label, redo: journal[place]?.edit.label },
  })
  const add = (document: StudioDocument): DocumentInfo => {
    const { id, name, width, height } = document
    const info = { ...{ id, name, width, height }, revision: 0, createdAt: ++clock, changedAt: clock }
    const shelved: Shelved = { info, document, place: 0, journal: [] }
    shelf.set(id, shelved)
    return told(shelved)
  }
  const step = (
    asked: { id: string; revision: number; request?: string },
    make: (shelved: Shelved) => { edit: Edit; place: number },
  ) => {
    const shelved = known(asked.id)
    const { info, last } = shelved
    const isRepeated = last?.request !== undefined && last.request === asked.request
    if (last && isRepeated && info.revision === asked.revision + 1) return { edit: last.edit, ...stateOf(shelved) }
    if (info.revision !== asked.revision)
      throw refusal('DOCUMENT_CHANGED', `"${info.name}" was changed in another window meanwhile.`)
    const { edit, place } = make(shelved)
    if ([...tilesOfEdit(edit)].some(hash => !tiles.has(hash)))
      throw refusal('TILE_UNKNOWN', 'Pieces of this change are not in the library.')
    const document = applyEdit(shelved.document, edit)
    Object.assign(shelved, { document, place, last: { request: asked.request, edit } })
    told(shelved, { revision: info.revision + 1 })
    return { edit, ...stateOf(shelved) }
  }
  const write = (shelved: Shelved, edit: Edit) => {
    const entry = { edit, inverse: inverseOf(shelved.document, edit) }
    shelved.journal = [...shelved.journal.slice(0, shelved.place), entry]
    return { edit, place: shelved.place + 1 }
  }
  const versionOf = (id: string, version: string) => {
    const found = versions.find(each => each.of === id && each.id === version)
    if (found === undefined) throw refusal('VERSION_UNKNOWN', 'This version is not in the library any more.')
    return found
  }
  const versionsOf = (id: string) =>
    versions.filter(({ of }) => of === id).map(({ of: _, document: __, ...rest }) => rest)

  return {
    list: os.list.handler(({ input }) =>
      [...shelf.values()]
        .map(({ info }) => info)
        .filter(({ trashedAt }) => (trashedAt !== undefined) === (input?.trashed ?? false))
        .sort((a, b) => b.changedAt - a.changedAt),
    ),
    create: os.create.handler(({ input: { name, width, height, frame, layers } }) => {
      const all = { x: 0, y: 0, width, height }
      return add({ id: crypto.randomUUID(), name, width, height, frame: frame ?? all, layers })
    }),
    open: os.open.handler(({ input }) => ({ document: known(input.id).document, ...stateOf(known(input.id)) })),
    apply: os.apply.handler(({ input: { edit, ...asked } }) => {
      const { edit: _, ...state } = step(asked, shelved => write(shelved, edit))
      return state
    }),
    undo: os.undo.handler(({ input }) =>
      step(input, ({ journal, place }) => {
        const entry = journal[place - 1]
        if (entry === undefined) throw refusal('UNDO_NONE', 'There is nothing that can be undone.')
        return { edit: entry.inverse, place: place - 1 }
      }),
    ),
    redo: os.redo.handler(({ input }) =>
      step(input, ({ journal, place }) => {
        const entry = journal[place]
        if (entry === undefined) throw refusal('REDO_NONE', 'There is nothing that can be done again.')
        return { edit: entry.edit, place: place + 1 }
      }),
    ),
    storeTiles: os.storeTiles.handler(async ({ input }) => {
      const hashes = await Promise.all(input.tiles.map(hashOf))
      for (const [k, hash] of hashes.entries()) tiles.set(hash, input.tiles[k] ?? new Blob())
      return { hashes }
    }),
    setThumbnail: os.setThumbnail.handler(async ({ input }) =>
      told(known(input.id), { thumbnail: await hashOf(input.picture) }),
    ),
    rename: os.rename.handler(({ input: { id, name } }) => {
      const edit: Edit = { label: 'Rename', changes: [{ type: 'set-document', fields: { name } }] }
      step({ id, revision: known(id).info.revision }, shelved => write(shelved, edit))
      return known(id).info
    }),
    duplicate: os.duplicate.handler(({ input: { id, version } }) => {
      const { document } = version === undefined ? known(id) : versionOf(id, version)
      return add({ ...document, id: crypto.randomUUID(), name: `${document.name} copy` })
    }),
    trash: os.trash.handler(({ input }) => {
      for (const id of input.ids) told(known(id), { trashedAt: ++clock })
      return input
    }),
    restore: os.restore.handler(({ input }) => {
      for (const id of input.ids) told(known(id), { trashedAt: undefined })
      return input
    }),
    emptyTrash: os.emptyTrash.handler(() => {
      const ids = [...shelf.values()].filter(({ info }) => info.trashedAt !== undefined).map(({ info }) => info.id)
      for (const id of ids) shelf.delete(id)
      tell({ type: 'documents removed', ids })
      return { removed: ids.length }
    }),
    versions: os.versions.handler(({ input }) => versionsOf(input.id)),
    keepVersion: os.keepVersion.handler(({ input: { id, name } }) => {
      const kept = { id: crypto.randomUUID(), of: id, name, createdAt: ++clock, document: known(id).document }
      versions.unshift(kept)
      return { id: kept.id, name, createdAt: kept.createdAt }
    }),
    version: os.version.handler(({ input: { id, version } }) => versionOf(id, version).document),
    returnTo: os.returnTo.handler(({ input: { version, ...asked } }) =>
      step(asked, shelved => {
        const { document, name } = versionOf(asked.id, version)
        return write(shelved, editBetween(shelved.document, document, `Return to ${name}`))
      }),
    ),
    removeVersion: os.removeVersion.handler(({ input: { id, version } }) => {
      versions.splice(versions.indexOf(versionOf(id, version)), 1)
      return versionsOf(id)
    }),
  }
}
