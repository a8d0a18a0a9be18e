import { reopenDocument, type SaveState, useDocument } from '../state/document.ts'
import { DocumentsMenu } from './documents/DocumentsMenu.tsx'

const words = (state: SaveState): string => {
  if (state.is === 'saved') return 'Saved'
  return state.is === 'saving' ? 'Saving' : `Not saved: ${state.reason.message}`
}

/** What is worked on, with the menu of all documents, and whether all of it is on the disk. */
export function DocumentTitle() {
  const name = useDocument(({ document }) => document?.name)
  const saveState = useDocument(state => state.saveState)
  const isLost = saveState.is === 'not saved'
  return (
    <div className="doc" data-testid={name === undefined ? undefined : 'document'}>
      <DocumentsMenu title={name ?? 'Documents'} />
      {name !== undefined && (
        <span className={isLost ? 'cut warn-text' : 'cut'} role="status" title={isLost ? words(saveState) : undefined}>
          {words(saveState)}
        </span>
      )}
      {isLost && saveState.isFinal && (
        <button type="button" className="link" onClick={() => void reopenDocument()}>
          Open again
        </button>
      )}
    </div>
  )
}
