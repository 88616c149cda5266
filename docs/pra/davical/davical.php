<?php
// @HOST@: DAViCal asks at the address alone, where HAProxy leads to the primary. (A list of hosts would not help: PHP's PDO waits 30 s for one that is
// dead, whatever connect_timeout says.) What waits at a machine that is gone is told so within five seconds.
$c->db_connect[] = [
  'dsn' => 'pgsql:host=@VIP@;port=5000;dbname=davical;tcp_user_timeout=5000;keepalives_idle=2;keepalives_interval=1;keepalives_count=3',
  'dbuser' => 'davical_app',
  'dbpass' => '@SECRET_DAVICAL@',
];
$c->domain_name = 'cal.@DOMAIN@';
$c->admin_email = 'tech@@DOMAIN@';
$c->system_name = 'Calendars';
$c->default_locale = 'en';
$c->local_tzid = 'Europe/Paris';
