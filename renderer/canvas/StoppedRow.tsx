import { X } from 'lucide-react'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import { runAgain } from '../state/runs.ts'
import { useStudio } from '../state/studio.ts'
import { type Box, useRowUnder } from './placing.ts'
import type { Scene } from './scene.ts'
import type { Insets } from './viewport.ts'

interface Props {
  readonly scene: Extract<Scene, { kind: 'stopped' }>
  readonly frame: Box
  readonly insets: Insets
}

/** What a cancelled run leaves: its last preview, faded, and this row. */
export function StoppedRow({ scene, frame, insets }: Props) {
  const place = useRowUnder(frame, insets)
  const { job, progress } = scene
  const words =
    progress === undefined || progress.step === 0
      ? t('Stopped.')
      : t('Stopped at step {step} of {total}.', { step: progress.step, total: progress.total })
  return (
    <div className="progress stopped num" style={place} role="status" data-testid="stopped">
      <span>{words}</span>
      <button type="button" className="link" onClick={() => void runAgain(job.id)}>
        {t('Run again')}
      </button>
      <span className="grow" />
      <IconButton label={t('Close')} shortcut="Esc" small onClick={() => useStudio.setState({ stopped: undefined })}>
        <X size={14} strokeWidth={1.5} />
      </IconButton>
    </div>
  )
}
