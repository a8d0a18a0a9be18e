import { Dialog } from 'radix-ui'
import { Button } from '../components/Button.tsx'
import { useReturnFocus } from '../components/dialog-focus.ts'
import { Ring } from '../components/Ring.tsx'
import { dropQuestion, openAsked, stopOpening, useOpening } from '../files/open-files.ts'
import { t } from '../language/language.ts'
import { countWords } from '../state/words.ts'

/** What is being opened, and how far that is; asks before many files are opened. */
export function Opening() {
  const { now, asked } = useOpening()
  const focus = useReturnFocus()
  return (
    <>
      {now !== undefined && (
        <div className="float opening" role="status" data-testid="opening">
          <Ring share={now.done / now.total} />
          <span className="cut">
            {t('Opening')} {now.name}
            {now.total > 1 && `, ${t('{step} of {steps}', { step: now.done + 1, steps: now.total })}`}
          </span>
          <Button small look="ghost" onClick={stopOpening}>
            {t('Stop')}
          </Button>
        </div>
      )}
      <Dialog.Root open={asked !== undefined} onOpenChange={open => !open && dropQuestion()}>
        <Dialog.Portal>
          <Dialog.Overlay className="scrim" />
          {asked !== undefined && (
            <Dialog.Content className="dialog" {...focus} data-testid="open-question">
              <Dialog.Title>{asked.title}</Dialog.Title>
              <Dialog.Description>{asked.words}</Dialog.Description>
              <div className="dialog-foot">
                <Button look="ghost" onClick={dropQuestion}>
                  {t('Cancel')}
                </Button>
                <Button look="primary" onClick={openAsked}>
                  {t('Open {many}', { many: countWords(asked.pictures.length) })}
                </Button>
              </div>
            </Dialog.Content>
          )}
        </Dialog.Portal>
      </Dialog.Root>
    </>
  )
}
