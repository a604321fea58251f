import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from '@/locale/language'
import { number } from '@/locale/format'
import { Box, Button, Group, Stack, TabList, Tabs, Text, Textarea } from '@/ui'
import { campaignQuery } from '../queries'
import type { Campaign } from '../words'
import { Added, useAdd, type Props } from './Added'
import { FromAudience, FromFilter } from './FromBase'
import { FromFile } from './FromFile'

/** The second step: whom the campaign is for. Whatever is added is added at once. */
export function People({ campaign: c, onBack, onNext }: { campaign: Campaign; onBack?: () => void; onNext: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const added = () => void queries.invalidateQueries({ queryKey: campaignQuery(c.id).queryKey })
  return (
    <Stack gap="md">
      <Box className="card" p={{ base: 'md', sm: 'lg' }}>
        <Stack gap="md">
          <Text fw={600} className="numbers" role="status">
            {t('wizard.inside', { count: c.counts.total, people: number(c.counts.total) })}
          </Text>
          <Tabs defaultValue="paste" keepMounted={false}>
            <TabList>
              <Tabs.Tab value="paste">{t('wizard.paste')}</Tabs.Tab>
              <Tabs.Tab value="file">{t('wizard.file')}</Tabs.Tab>
              <Tabs.Tab value="audience">{t('wizard.audience')}</Tabs.Tab>
              <Tabs.Tab value="filter">{t('wizard.filter')}</Tabs.Tab>
            </TabList>
            <Tabs.Panel value="paste">
              <Paste campaign={c} onAdded={added} />
            </Tabs.Panel>
            <Tabs.Panel value="file">
              <FromFile campaign={c} onAdded={added} />
            </Tabs.Panel>
            <Tabs.Panel value="audience">
              <FromAudience campaign={c} onAdded={added} />
            </Tabs.Panel>
            <Tabs.Panel value="filter">
              <FromFilter campaign={c} onAdded={added} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      </Box>
      <Group justify={onBack ? 'space-between' : 'flex-end'}>
        {onBack && (
          <Button variant="default" onClick={onBack}>
            {t('action.back')}
          </Button>
        )}
        <Button onClick={onNext}>{onBack ? t('wizard.next') : t('action.done')}</Button>
      </Group>
    </Stack>
  )
}

function Paste(props: Props) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const add = useAdd(props)
  const voice = props.campaign.channel === 'voice'
  return (
    <Stack>
      <Textarea
        label={t(voice ? 'wizard.pasteNumbers' : 'wizard.pasteMailboxes')} description={t('wizard.pasteAbout')} value={text} onChange={(e) => setText(e.currentTarget.value)}
        placeholder={voice ? '11 98765-4321\n+55 21 99876-5432' : 'ana@example.com\njoao@example.com'} autosize minRows={6} maxRows={16}
        styles={{ input: { fontVariantNumeric: 'tabular-nums' } }}
      />
      <Group>
        <Button variant="light" disabled={!text.trim()} loading={add.isPending} onClick={() => add.mutate({ body: new Blob([text]) }, { onSuccess: () => setText('') })}>
          {t('wizard.add')}
        </Button>
      </Group>
      {add.data && <Added what={add.data} />}
    </Stack>
  )
}
