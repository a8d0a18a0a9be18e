import { Check, CircleAlert, Pause, Play, X } from 'lucide-react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import type { Download } from '../state/api.ts'
import { useEngine } from '../state/engine.ts'
import { cancelDownload, pauseDownload, resumeDownload, takeToStudio } from '../state/models.ts'
import { duration, sizeWords, timeWords } from '../state/words.ts'
import { LicenceBox } from './LicenceBox.tsx'
import { Told } from './Told.tsx'

const ICON = { size: 14, strokeWidth: 1.5 } as const

/** A model on its way, stopped, failed or here. */
export function DownloadCard({ download }: { download: Download }) {
  const { id, name, host, state, licence, agreedAt, problem } = download
  const title = shortTitle(name)
  return (
    <section className="mbox" aria-label={t('Download of {name}', { name })} data-testid="download" data-state={state}>
      <h2>
        {state === 'failed' && <CircleAlert size={16} strokeWidth={1.5} className="danger-text" aria-hidden="true" />}
        {state === 'done' && <Check size={16} strokeWidth={1.5} className="ok-text" aria-hidden="true" />}
        <span className="grow cut" title={name}>
          {title}
        </span>
        {state === 'running' && (
          <IconButton
            label={t('Pause {title}', { title })}
            small
            onClick={() => void pauseDownload(id)}
            data-testid="pause-download"
          >
            <Pause {...ICON} />
          </IconButton>
        )}
        {state === 'paused' && (
          <IconButton
            label={t('Resume {title}', { title })}
            small
            onClick={() => void resumeDownload(id)}
            data-testid="resume-download"
          >
            <Play {...ICON} />
          </IconButton>
        )}
        <IconButton
          label={state === 'done' ? t('Dismiss') : t('Cancel {title}', { title })}
          use={state === 'done' ? undefined : t('What has arrived is removed.')}
          small
          onClick={() => void cancelDownload(id)}
          data-testid="cancel-download"
        >
          <X {...ICON} />
        </IconButton>
      </h2>
      <p className="t12 mhost">{t('from {host}', { host })}</p>
      {state === 'failed' && problem !== undefined && <Told problem={problem} />}
      {state !== 'done' && state !== 'failed' && licence !== undefined && (
        <LicenceBox licence={licence} words={t('You agreed {time}.', { time: timeWords(agreedAt) })} />
      )}
      {state !== 'done' && <Bar download={download} />}
      {state === 'failed' && (
        <div className="mdo">
          <Button small onClick={() => void resumeDownload(id)}>
            {t('Try again')}
          </Button>
        </div>
      )}
      {state === 'done' && <Arrived model={download.model} />}
    </section>
  )
}

/** What can be done with it now. */
function Arrived({ model: id }: { model: string }) {
  const model = useEngine(state => state.models.find(each => each.id === id))
  if (model === undefined) return <p className="mwords">{t('It is on this computer now.')}</p>
  if (model.problem !== undefined) return <p className="mwords">{model.problem}</p>
  return (
    <div className="mdo">
      <Button small onClick={() => takeToStudio(model)}>
        {t('Use in Studio')}
      </Button>
    </div>
  )
}

function Bar({ download: { bytes, done, state, secondsLeft, waiting } }: { download: Download }) {
  const share = bytes === 0 ? 0 : done / bytes
  return (
    <>
      <div
        className="bar2"
        role="progressbar"
        aria-label={t('Arrived')}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ transform: `scaleX(${share})` }} />
      </div>
      <div className="row t12 num mbar">
        <span>{t('{done} of {total}', { done: sizeWords(done), total: sizeWords(bytes) })}</span>
        <span className="grow" />
        <span>{leftWords(state, share, secondsLeft)}</span>
      </div>
      {waiting !== undefined && <p className="mwords t12">{waiting}</p>}
    </>
  )
}

function leftWords(state: Download['state'], share: number, secondsLeft: number | undefined): string {
  if (state === 'paused') return t('Paused')
  if (state === 'failed') return t('Stopped')
  if (share >= 1) return t('Checking')
  return secondsLeft === undefined ? '' : t('{time} left', { time: duration(secondsLeft) })
}

/** The name without its owner. */
const shortTitle = (name: string): string => name.slice(name.indexOf('/') + 1)
