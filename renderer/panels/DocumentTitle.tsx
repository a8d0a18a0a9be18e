import { TriangleAlert } from 'lucide-react'
import { Button } from '../components/Button.tsx'
import { spoken, t } from '../language/language.ts'
import { keepAsCopy, reopenDocument, type SaveState, useDocument } from '../state/document.ts'
import type { Failure } from '../state/problem.ts'
import { DocumentsMenu } from './documents/DocumentsMenu.tsx'

const words = (state: SaveState): string => {
  if (state.is === 'saved') return t('Saved')
  return state.is === 'saving' ? t('Saving') : t('Not saved: {reason}', { reason: spoken(state.reason.message) })
}

/** What is worked on, with the menu of all documents, and whether all of it is on the disk. */
export function DocumentTitle() {
  const name = useDocument(({ document }) => document?.name)
  const saveState = useDocument(state => state.saveState)
  const isLost = saveState.is === 'not saved'
  return (
    <div className="doc" data-testid={name === undefined ? undefined : 'document'}>
      <DocumentsMenu title={name ?? t('Documents')} />
      {name !== undefined && (
        <span className={isLost ? 'cut warn-text' : 'cut'} role="status" title={isLost ? words(saveState) : undefined}>
          {words(saveState)}
        </span>
      )}
      {isLost && saveState.isFinal && <Lost reason={saveState.reason} />}
    </div>
  )
}

/** What was done here cannot be saved as this document any more, usually because another window worked on it: both ways on. */
function Lost({ reason }: { readonly reason: Failure }) {
  return (
    <div className="float lost" role="alert" data-testid="not-saved">
      <TriangleAlert className="warn-text" size={16} strokeWidth={1.5} aria-hidden="true" />
      <p>
        {t('{message} What you did here since then is kept in this window until you choose.', {
          message: spoken(reason.message),
        })}
      </p>
      <div className="dialog-foot">
        <Button small look="ghost" onClick={() => void reopenDocument()}>
          {t('Show it as it is now')}
        </Button>
        <Button small look="quiet" onClick={() => void keepAsCopy()}>
          {t('Keep mine as a copy')}
        </Button>
      </div>
    </div>
  )
}
