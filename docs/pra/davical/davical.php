<?php
// @HOST@: DAViCal asks the HAProxy of its own machine, which leads to the primary, and where that one is dead, the one at the address.
// What waits at a machine that is gone is told so within five seconds.
$c->db_connect[] = [
  'dsn' => 'pgsql:host=@IP@,@VIP@;port=5000;dbname=davical;tcp_user_timeout=5000;keepalives_idle=2;keepalives_interval=1;keepalives_count=3',
  'dbuser' => 'davical_app',
  'dbpass' => '@SECRET_DAVICAL@',
];
$c->domain_name = 'cal.@DOMAIN@';
$c->admin_email = 'tech@@DOMAIN@';
$c->system_name = 'Calendars';
$c->default_locale = 'en';
$c->local_tzid = 'Europe/Paris';
