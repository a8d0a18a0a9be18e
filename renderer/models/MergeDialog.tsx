import { Dialog } from 'radix-ui'
import { Button } from '../components/Button.tsx'
import { useReturnFocus } from '../components/dialog-focus.ts'
import { Form } from '../components/Form.tsx'
import { t } from '../language/language.ts'
import type { Job } from '../state/api.ts'
import { useEngine } from '../state/engine.ts'
import { cancelMerge, closeMerging, forget, lacking, madeBy, merge, mergeable, useMerging } from '../state/merging.ts'
import { openGetModels, takeToStudio } from '../state/models.ts'
import type { Failure } from '../state/problem.ts'
import { doneShare, secondsWords, stepWords } from '../state/words.ts'
import { MergeForm } from './MergeForm.tsx'
import { Told } from './Told.tsx'

/** Makes a new model of others. What was begun goes on in the queue when the dialog is closed. */
export function MergeDialog() {
  const open = useMerging(state => state.open)
  const focus = useReturnFocus(true)
  return (
    <Dialog.Root open={open} onOpenChange={next => !next && closeMerging()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="dialog merge" {...focus} data-testid="merge-dialog">
          <Dialog.Title>{t('Merge models')}</Dialog.Title>
          <Body />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Body() {
  const { job: id, refused } = useMerging()
  const job = useEngine(state => (id === undefined ? undefined : state.jobs[id]))
  const isEmpty = useEngine(state => mergeable(state.models).length === 0)
  if (isEmpty) return <Empty />
  if (refused !== undefined) return <Failed failure={refused} />
  if (job === undefined || job.state === 'cancelled') return <Choosing />
  if (job.state === 'waiting' || job.state === 'running') return <Working job={job} />
  if (job.state === 'done') return <Done job={job} />
  return <Failed failure={job.problem ?? { code: 'MERGE', message: 'The models could not be merged.' }} />
}

function Empty() {
  return (
    <>
      <Dialog.Description>{t('There is no model on this computer that could be merged yet.')}</Dialog.Description>
      <div className="dialog-foot">
        <Button look="ghost" onClick={closeMerging}>
          {t('Close')}
        </Button>
        <Button
          look="primary"
          onClick={() => {
            closeMerging()
            openGetModels()
          }}
        >
          {t('Get models')}
        </Button>
      </div>
    </>
  )
}

function Choosing() {
  const state = useMerging()
  const missing = lacking(state)
  return (
    <Form
      onSubmit={() => {
        if (missing === undefined && !state.asking) void merge()
      }}
    >
      <Dialog.Description>
        {t('The result is a new model; those that go into it stay as they are, and their licences hold for it.')}
      </Dialog.Description>
      <MergeForm />
      <div className="dialog-foot">
        {missing !== undefined && <span className="grow t12 merge-lacks">{missing}</span>}
        <Button look="ghost" onClick={closeMerging}>
          {t('Close')}
        </Button>
        <Button
          look="primary"
          type="submit"
          busy={state.asking}
          disabled={missing !== undefined}
          title={missing}
          data-testid="merge"
        >
          {t('Merge')}
        </Button>
      </div>
    </Form>
  )
}

function Working({ job }: { job: Job }) {
  const progress = useEngine(state => state.progress[job.id])
  const cancelling = useEngine(state => state.jobs[job.id]?.state === 'cancelled')
  const share = doneShare(progress)
  const words = job.state === 'waiting' ? t('Waits in the queue') : stepWords(progress)
  const left = secondsWords(progress)
  return (
    <>
      <Dialog.Description>
        {t('“{name}” is being made. It goes on in the queue when this is closed.', {
          name: String(job.parameters.name),
        })}
      </Dialog.Description>
      <div
        className="bar2 merge-bar"
        role="progressbar"
        aria-label={t('Merged')}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={left === undefined ? words : `${words}, ${left}`}
      >
        <i style={{ transform: `scaleX(${share})` }} />
      </div>
      <div className="row t12 num mbar" data-testid="merge-progress">
        <span>{words}</span>
        <span className="grow" />
        {left !== undefined && <span>{left}</span>}
      </div>
      <div className="dialog-foot">
        <Button look="ghost" busy={cancelling} onClick={cancelMerge} data-testid="cancel-merge">
          {t('Cancel')}
        </Button>
        <Button onClick={closeMerging}>{t('Close')}</Button>
      </div>
    </>
  )
}

function Failed({ failure }: { failure: Failure }) {
  return (
    <>
      <Dialog.Description className="sr">{t('It could not be merged.')}</Dialog.Description>
      <Told problem={failure} />
      <div className="dialog-foot">
        <Button look="ghost" onClick={closeMerging}>
          {t('Close')}
        </Button>
        <Button look="primary" onClick={forget} data-testid="merge-back">
          {t('Back')}
        </Button>
      </div>
    </>
  )
}

function Done({ job }: { job: Job }) {
  const model = useEngine(state => madeBy(job, state.models))
  return (
    <>
      <Dialog.Description>
        {t(model === undefined ? '“{name}” is on this computer now.' : '“{name}” is on this computer now, in {path}.', {
          name: String(job.parameters.name),
          path: model?.path ?? '',
        })}
      </Dialog.Description>
      <div className="dialog-foot">
        <Button look="ghost" onClick={forget}>
          {t('Merge more')}
        </Button>
        <Button onClick={closeMerging}>{t('Close')}</Button>
        {model !== undefined && model.problem === undefined && (
          <Button
            look="primary"
            onClick={() => {
              closeMerging()
              takeToStudio(model)
            }}
            data-testid="use-merged"
          >
            {t('Use in Studio')}
          </Button>
        )}
      </div>
    </>
  )
}
