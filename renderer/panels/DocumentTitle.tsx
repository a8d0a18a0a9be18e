import { reopenDocument, type SaveState, useDocument } from '../state/document.ts'

const words = (state: SaveState): string => {
  if (state.is === 'saved') return 'Saved'
  return state.is === 'saving' ? 'Saving' : `Not saved: ${state.reason.message}`
}

/** What is worked on, and whether all of it is on the disk. */
export function DocumentTitle() {
  const name = useDocument(({ document }) => document?.name)
  const saveState = useDocument(state => state.saveState)
  if (name === undefined) return null
  const isLost = saveState.is === 'not saved'
  return (
    <div className="doc" data-testid="document">
      <b className="cut">{name}</b>
      <span className={isLost ? 'cut warn-text' : 'cut'} role="status" title={isLost ? words(saveState) : undefined}>
        {words(saveState)}
      </span>
      {isLost && saveState.isFinal && (
        <button type="button" className="link" onClick={() => void reopenDocument()}>
          Open again
        </button>
      )}
    </div>
  )
}
