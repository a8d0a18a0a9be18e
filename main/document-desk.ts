import type { StudioEvent } from '../app/api/contract.ts'
import type { DocumentDesk } from '../app/api/studio.ts'
import type { DocumentInfo } from '../app/library/documents/records.ts'
import type { Library } from '../app/library/library.ts'

/** Milliseconds after the start, and between two times, that tiles are looked for which nothing names any more. */
const COLLECT_AFTER = 90_000
const COLLECT_EVERY = 3600_000

/** The library's documents, with what happens to them told to every page. */
export function documentDesk({ documents }: Library, tell: (event: StudioEvent) => void): DocumentDesk {
  const told = (document: DocumentInfo) => {
    tell({ type: 'document', document })
    return document
  }
  /** Answers, and tells what a document is now. */
  const after = <Answer>(id: string, answer: Answer): Answer => {
    told(documents.info(id))
    return answer
  }
  const afterAll = (ids: string[]) => {
    for (const id of ids) told(documents.info(id))
    return ids
  }
  return {
    list: query => documents.list(query),
    create: request => told(documents.create(request)),
    open: id => documents.open(id),
    apply: (step, edit) => after(step.id, documents.apply(step, edit)),
    undo: step => after(step.id, documents.undo(step)),
    redo: step => after(step.id, documents.redo(step)),
    storeTiles: pictures => documents.tiles.store(pictures),
    setThumbnail: async (id, png) => told(await documents.setThumbnail(id, png)),
    rename: (id, name) => told(documents.rename(id, name)),
    duplicate: (id, version) => told(documents.duplicate(id, version)),
    trash: ids => afterAll(documents.trash(ids)),
    restore: ids => afterAll(documents.restore(ids)),
    async emptyTrash() {
      const ids = await documents.emptyTrash()
      tell({ type: 'documents removed', ids })
      return ids
    },
    versions: id => documents.versions(id),
    keepVersion: (id, name) => documents.keepVersion(id, name),
    version: (id, version) => documents.version(id, version),
    returnTo: (step, version) => after(step.id, documents.returnTo(step, version)),
    removeVersion: (id, version) => documents.removeVersion(id, version),
  }
}

/** Removes, from time to time, the tiles that nothing names any more. @returns a function that ends it */
export function collectTiles({ documents }: Library, log: (line: string) => void): () => void {
  const collect = () => {
    documents.tiles.collect().then(
      removed => removed > 0 && log(`${removed} tiles that no document names were removed.`),
      error => log(`The look for tiles that no document names failed: ${error}`),
    )
  }
  const first = setTimeout(collect, COLLECT_AFTER)
  const others = setInterval(collect, COLLECT_EVERY)
  for (const timer of [first, others]) timer.unref()
  return () => {
    clearTimeout(first)
    clearInterval(others)
  }
}
