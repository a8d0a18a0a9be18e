import { ChevronDown, ChevronRight, Search, X } from 'lucide-react'
import { Collapsible } from 'radix-ui'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import type { ModelInfo } from '../state/api.ts'
import { type Field, isChanged, type Section, sectionsOf, type Values } from '../state/form.ts'
import { useForm } from '../state/form-in-force.ts'
import { edit, endEdit, useStudio } from '../state/studio.ts'
import { fold, useUi } from '../state/ui.ts'
import { FieldRow } from './fields/FieldRow.tsx'
import { SizeFields } from './fields/SizeFields.tsx'

/** The operation's parameters as a form. The prompt has its place in the dock; everything else is here. */
export function SettingsPanel() {
  const { fields, model } = useForm()
  const values = useStudio(state => state.draft.values)
  const changed = fields.filter(field => isChanged(field, values, model)).length
  return (
    <>
      <div className="ph">
        <h2>{t('Settings')}</h2>
        <IconButton label={t('Find a setting')} onClick={() => useUi.setState({ paletteOpen: true })}>
          <Search size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label={t('Close panel')} onClick={() => useUi.setState({ panel: undefined })}>
          <X size={16} strokeWidth={1.5} />
        </IconButton>
      </div>
      <div className="pb" data-testid="settings">
        {fields.length === 0 && <Shape />}
        {sectionsOf(fields).map(section => (
          <SectionRows key={section.group} section={section} values={values} model={model} />
        ))}
      </div>
      <div className="pf">
        <span
          className="grow cut"
          title={changed === 0 ? undefined : t('{changed} changed from the model’s own', { changed })}
        >
          {changed === 0 ? t('All as the model asks') : t('{count} changed', { count: changed })}
        </span>
        {changed > 0 && (
          <Button look="ghost" small onClick={reset} data-testid="reset">
            {t('Reset')}
          </Button>
        )}
      </div>
    </>
  )
}

function reset(): void {
  endEdit()
  edit('reset', { values: {} })
  endEdit()
}

/** What a folded section says of itself. */
function remark({ fields }: Section, values: Values, model: ModelInfo | undefined): string {
  const changed = fields.filter(field => isChanged(field, values, model)).length
  if (fields.every(field => field.widget === 'text')) return changed === 0 ? t('empty') : t('set')
  return changed > 0 ? t('{count} changed', { count: changed }) : t('{count} more', { count: fields.length })
}

interface SectionProps {
  readonly section: Section
  readonly values: Values
  readonly model: ModelInfo | undefined
}

function SectionRows({ section, values, model }: SectionProps) {
  const folded = useUi(state => state.folded[section.group] ?? section.folded)
  const Arrow = folded ? ChevronRight : ChevronDown
  return (
    <Collapsible.Root
      className={folded ? 'sec shut' : 'sec'}
      open={!folded}
      onOpenChange={open => fold(section.group, !open)}
      data-testid={`section-${section.group}`}
    >
      <h3>
        <Collapsible.Trigger>
          <Arrow size={14} strokeWidth={1.5} aria-hidden="true" />
          {section.title}
          {folded && <span className="r">{remark(section, values, model)}</span>}
        </Collapsible.Trigger>
      </h3>
      <Collapsible.Content className="stack">
        <Rows fields={section.fields} values={values} model={model} />
      </Collapsible.Content>
    </Collapsible.Root>
  )
}

/** The fields of a section; width and height stand together, where the first of them is. */
function Rows({ fields, values, model }: { fields: readonly Field[]; values: Values; model: ModelInfo | undefined }) {
  const width = fields.find(field => field.name === 'width')
  const height = fields.find(field => field.name === 'height')
  const paired = width !== undefined && height !== undefined
  return fields.map(field => {
    if (paired && field === height) return null
    if (paired && field === width) {
      return <SizeFields key="size" width={width} height={height} values={values} model={model} />
    }
    return <FieldRow key={field.name} field={field} values={values} model={model} />
  })
}

/** The shape of what comes, while the engine has not said which parameters there are. */
function Shape() {
  return (
    <div className="stack shape" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  )
}
