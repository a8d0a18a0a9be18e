import { Share } from 'lucide-react'
import type { ReactNode } from 'react'
import { BarPopover } from '../components/BarPopover.tsx'
import { Button } from '../components/Button.tsx'
import { Segmented } from '../components/Segmented.tsx'
import { areaOf, choose, type ExportFormat, exportNow, openExport, useExport } from '../files/export.ts'
import { t } from '../language/language.ts'
import { useDocument } from '../state/document.ts'
import { keyName } from '../state/shortcut.ts'

const FORMATS = [
  { value: 'png', label: 'PNG' },
  { value: 'jpeg', label: 'JPEG' },
  { value: 'webp', label: 'WebP' },
  { value: 'psd', label: 'PSD' },
] as const satisfies readonly { value: ExportFormat; label: string }[]

const AREAS = [
  { value: 'picture', label: 'Picture' },
  { value: 'frame', label: 'Frame' },
] as const

const QUALITIES = [
  { value: '0.8', label: '80 %' },
  { value: '0.9', label: '90 %' },
  { value: '1', label: '100 %' },
] as const

const ON_OFF = [
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
] as const

const ORIGINS = {
  made: 'The file says, for machines, that a model made the picture.',
  changed: 'The file says, for machines, that a model made parts of the picture.',
} as const

/** Writes the picture or its layers into a file. */
export function ExportPopover() {
  const isOpen = useExport(state => state.isOpen)
  const hasLayers = useDocument(({ document }) => (document?.layers.length ?? 0) > 0)
  if (!hasLayers) return null
  return (
    <BarPopover
      open={isOpen}
      onOpenChange={open => (open ? void openExport() : useExport.setState({ isOpen: false }))}
      className="export"
      label={t('Export')}
      testId="export-popover"
      trigger={
        <button
          type="button"
          className={isOpen ? 'ib on' : 'ib'}
          aria-label={t('Export')}
          title={`${t('Export')} ${keyName('Ctrl+E')}`}
          data-testid="export"
        >
          <Share size={18} strokeWidth={1.5} aria-hidden="true" />
        </button>
      }
    >
      <ExportForm />
    </BarPopover>
  )
}

function Row({ name, note, children }: { name: string; note?: string | undefined; children: ReactNode }) {
  return (
    <div className="export-row">
      <span>{t(name)}</span>
      {children}
      {note !== undefined && <small>{t(note)}</small>}
    </div>
  )
}

function ExportForm() {
  const { choice, provenance, isBusy } = useExport()
  const { format, area, quality, withRecipe, saysOrigin } = choice
  const { width, height } = areaOf(choice)
  const { origin, image } = provenance
  return (
    <>
      <h2>{t('Export')}</h2>
      <Row name="Format">
        <Segmented label={t('Format')} value={format} choices={FORMATS} onChange={next => choose({ format: next })} />
      </Row>
      {format !== 'psd' && (
        <Row name="What">
          <Segmented label={t('What')} value={area} choices={AREAS} onChange={next => choose({ area: next })} />
        </Row>
      )}
      {(format === 'jpeg' || format === 'webp') && (
        <Row name="Quality" note={format === 'jpeg' ? 'What is transparent becomes white.' : undefined}>
          <Segmented
            label={t('Quality')}
            value={QUALITIES.find(({ value }) => Number(value) === quality)?.value}
            choices={QUALITIES}
            onChange={next => choose({ quality: Number(next) })}
          />
        </Row>
      )}
      {format === 'png' && image !== undefined && (
        <Row name="With recipe" note="The prompt, seed and settings of the topmost picture that a model made.">
          <Segmented
            label={t('With recipe')}
            value={withRecipe ? 'on' : 'off'}
            choices={ON_OFF}
            onChange={next => choose({ withRecipe: next === 'on' })}
          />
        </Row>
      )}
      {origin !== undefined && (
        <Row
          name="Say how it was made"
          note={saysOrigin ? ORIGINS[origin] : 'The file says nothing of how it was made.'}
        >
          <Segmented
            label={t('Say how it was made')}
            value={saysOrigin ? 'on' : 'off'}
            choices={ON_OFF}
            onChange={next => choose({ saysOrigin: next === 'on' })}
          />
        </Row>
      )}
      {format === 'psd' && (
        <p className="note">
          {t('All layers and groups, with blending and opacity. Masks, regions and controls are hidden layers.')}
        </p>
      )}
      <div className="dialog-foot">
        <span className="note num">
          {width} × {height} px
        </span>
        <Button look="primary" busy={isBusy} onClick={() => void exportNow()} data-testid="export-now">
          {t('Save file')}
        </Button>
      </div>
    </>
  )
}
